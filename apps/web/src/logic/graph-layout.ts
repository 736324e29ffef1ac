// Where the nodes and edges of a lineage graph stand: data on the left, deployments on the right. Layout is kept apart from
// drawing, so that it can be tested, and drawn by anything. Edges of the API run from downstream to upstream; here they are turned.

import type { EdgeLabel, GraphLabel, NodeLabel } from '@dagrejs/dagre';
import { graphlib, layout } from '@dagrejs/dagre';

export const NODE_WIDTH = 178;
export const NODE_HEIGHT = 58;
const MARGIN = 2;

export interface Point {
  x: number;
  y: number;
}

export interface PlacedNode extends Point {
  id: string;
}

export interface PlacedEdge {
  from: string;
  to: string;
  /** From the upstream node's right side to the downstream node's left side. */
  points: readonly Point[];
}

export interface Placed {
  width: number;
  height: number;
  /** Left upper corners. */
  nodes: readonly PlacedNode[];
  edges: readonly PlacedEdge[];
}

/** Lays a graph out. Edges that name unknown nodes are left out; of several between the same two nodes, each gets the same way. */
export function placeGraph(nodes: readonly { id: string }[], edges: readonly { from: string; to: string }[]): Placed {
  const graph = new graphlib.Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir: 'LR', ranksep: 44, nodesep: 26, edgesep: 14, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const known = edges.filter(({ from, to }) => graph.hasNode(from) && graph.hasNode(to) && from !== to);
  for (const { from, to } of known) graph.setEdge(to, from);
  layout(graph);
  const { width, height } = graph.graph();
  const placed = nodes.map(({ id }) => {
    const { x, y } = graph.node(id);
    return { id, x: finite(x) - NODE_WIDTH / 2, y: finite(y) - NODE_HEIGHT / 2 };
  });
  return {
    width: finite(width),
    height: finite(height),
    nodes: placed,
    edges: route(
      known.map(({ from, to }) => ({ from, to, bends: (graph.edge(to, from).points ?? []).slice(1, -1) })),
      new Map(placed.map((node) => [node.id, node])),
    ),
  };
}

interface Bent {
  from: string;
  to: string;
  bends: readonly Point[];
}

/** Edges leave a node at its right side and enter one at its left, side by side in the order of what they come from. */
function route(edges: readonly Bent[], places: ReadonlyMap<string, Point>): PlacedEdge[] {
  const heightOf = (id: string) => places.get(id)?.y ?? 0;
  const port = (edge: Bent, side: 'from' | 'to') => {
    const other = side === 'from' ? 'to' : 'from';
    const beside = edges.filter((each) => each[side] === edge[side]).sort((a, b) => heightOf(a[other]) - heightOf(b[other]));
    const gap = Math.min(12, (NODE_HEIGHT - 16) / beside.length);
    const place = places.get(edge[side]) ?? { x: 0, y: 0 };
    return {
      x: place.x + (side === 'to' ? NODE_WIDTH : 0),
      y: place.y + NODE_HEIGHT / 2 + (beside.indexOf(edge) - (beside.length - 1) / 2) * gap,
    };
  };
  return edges.map((edge) => {
    const start = port(edge, 'to');
    const end = port(edge, 'from');
    // A layout of two or more ranks apart has bends between; those outside of the way would make the line turn back.
    const bends = edge.bends.filter(({ x }) => x > start.x + 4 && x < end.x - 4);
    return { from: edge.from, to: edge.to, points: [start, ...(end.x - start.x > NODE_WIDTH ? bends : []), end] };
  });
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

/** A smooth path through an edge's points. */
export function pathThrough(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${start.x} ${start.y}`;
  let previous = start;
  for (const point of rest) {
    const middle = (previous.x + point.x) / 2;
    path += `C${middle} ${previous.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    previous = point;
  }
  return path;
}
