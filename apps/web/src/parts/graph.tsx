'use client';

// Draws a lineage graph that graph-layout.ts has placed: edges as lines whose pattern is their evidence, nodes as links. On a
// narrow page it shrinks a little, and then scrolls within its own box.

import type { ReactNode } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { exactTime, shortHash } from '../logic/format.ts';
import { NODE_HEIGHT, NODE_WIDTH, pathThrough, placeGraph } from '../logic/graph-layout.ts';
import type { View, ViewEdge, ViewNode } from '../logic/graph-view.ts';
import { hrefOfNode } from '../logic/links.ts';
import { Link } from '../ui/link.tsx';

const KIND_WORDS: Readonly<Record<string, string>> = {
  DEPLOYMENT: 'Deployment',
  MODEL_VERSION: 'Model version',
  LOGGED_MODEL: 'Logged model',
  RUN: 'Run',
  UNRESOLVED_INPUT: 'Unresolved input',
  DATASET_VERSION: 'Dataset version',
  GAP: 'Missing',
  GROUP: 'Gathered',
};

const LEAST_SCALE = 0.72;

interface Props {
  view: View;
  root: string;
  label: string;
  /** The edge to set off, by its ends. */
  weakest?: { from: string; to: string } | null | undefined;
  /** Called for a node that is a gap, instead of a link. */
  onGap?: (node: ViewNode) => void;
}

export function Graph({ view, root, label, weakest, onGap }: Props) {
  const placed = useMemo(() => placeGraph(view.nodes, view.edges), [view]);
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<number | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setRoom(entry?.contentRect.width ?? null));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scale = room === null ? 1 : Math.min(1, Math.max(LEAST_SCALE, room / placed.width));
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  return (
    <div className="graph-box" ref={box} role="group" aria-label={label}>
      <div className="graph-sheet" style={{ width: placed.width * scale, height: placed.height * scale }}>
        <div className="graph" style={{ width: placed.width, height: placed.height, transform: `scale(${scale})` }}>
          <svg width={placed.width} height={placed.height} aria-hidden="true">
            {placed.edges.map((edge, index) => {
              const given = view.edges.filter(({ from, to }) => from === edge.from && to === edge.to && from !== to);
              const shown =
                given[placed.edges.slice(0, index).filter(({ from, to }) => from === edge.from && to === edge.to).length] ?? given[0];
              return shown === undefined ? null : (
                <Edge
                  key={index}
                  edge={shown}
                  path={pathThrough(edge.points)}
                  weak={weakest?.from === edge.from && weakest.to === edge.to}
                />
              );
            })}
          </svg>
          {placed.nodes.map(({ id, x, y }) => {
            const node = nodes.get(id);
            return node === undefined ? null : <Node key={id} node={node} x={x} y={y} isRoot={id === root} onGap={onGap} />;
          })}
        </div>
      </div>
      <ul className="sr-only">
        {view.edges.map((edge, index) => (
          <li
            key={index}
          >{`${nodes.get(edge.from)?.label ?? edge.from}: ${edge.relation} ${nodes.get(edge.to)?.label ?? edge.to} (${edge.gap ? 'gap' : EVIDENCE_WORDS[edge.evidence].word})`}</li>
        ))}
      </ul>
    </div>
  );
}

function Edge({ edge, path, weak }: { edge: ViewEdge; path: string; weak: boolean }) {
  const { word, meaning } = EVIDENCE_WORDS[edge.evidence];
  const classes = ['edge', edge.evidence.toLowerCase(), edge.gap ? 'gap' : '', weak ? 'weakest' : ''].join(' ');
  const words = `${edge.relation}${edge.context === null ? '' : ` for ${edge.context}`} · ${edge.gap ? 'missing' : `${word}: ${meaning}`}`;
  return (
    <g className={classes}>
      <path d={path} />
      <path className="edge-reach" d={path}>
        <title>{words}</title>
      </path>
    </g>
  );
}

function detailOf({ kind, detail, gap, retraction }: ViewNode): ReactNode {
  if (retraction !== null) return `withdrawn: ${retraction}`;
  if (gap !== null) return kind === 'UNRESOLVED_INPUT' ? 'not known · link it' : gap.message;
  return detail === null ? '' : detail.replace(/[0-9a-f]{16,}/g, (hash) => shortHash(hash));
}

function Node({ node, x, y, isRoot, onGap }: { node: ViewNode; x: number; y: number; isRoot: boolean; onGap: Props['onGap'] }) {
  const state =
    node.integrity === 'DAMAGED' || node.retraction !== null
      ? 'bad'
      : node.gap !== null
        ? 'gap'
        : node.integrity === 'INTACT'
          ? 'intact'
          : '';
  const style = { left: x, top: y, width: NODE_WIDTH, height: NODE_HEIGHT };
  const title = [
    node.ref,
    node.detail,
    node.retraction === null ? null : `withdrawn: ${node.retraction}`,
    node.integrity === null
      ? null
      : `${node.integrity.toLowerCase()}${node.checkedAt === null ? '' : `, checked ${exactTime(node.checkedAt)}`}`,
    node.gap?.message,
    node.gap?.hint,
  ]
    .filter((part) => part !== null && part !== undefined && part !== '')
    .join('\n');
  const word = KIND_WORDS[node.kind] ?? node.kind;
  const inner = (
    <>
      <small>
        {word}
        {node.integrity === null ? null : (
          <span className={`integrity ${node.integrity.toLowerCase()}`}>{node.integrity.toLowerCase()}</span>
        )}
      </small>
      <b>{node.label}</b>
      <span className="mono">{detailOf(node)}</span>
    </>
  );
  const className = `graph-node ${state}${isRoot ? ' root' : ''}`;
  const href = node.kind === 'GAP' || node.kind === 'GROUP' || node.kind === 'UNRESOLVED_INPUT' ? null : hrefOfNode(node);
  if (node.kind === 'UNRESOLVED_INPUT' && onGap !== undefined) {
    return (
      <button type="button" className={className} style={style} title={title} onClick={() => onGap(node)}>
        {inner}
      </button>
    );
  }
  if (href === null || isRoot) {
    return (
      <div className={className} style={style} title={title} aria-current={isRoot ? 'true' : undefined}>
        {inner}
      </div>
    );
  }
  return (
    <Link className={className} style={style} title={title} href={href}>
      {inner}
    </Link>
  );
}

/** What the patterns of the lines mean. */
export function GraphLegend() {
  return (
    <span className="legend">
      {(['MATCHED', 'OBSERVED', 'ASSERTED'] as const).map((evidence) => (
        <span key={evidence} title={EVIDENCE_WORDS[evidence].meaning}>
          <span className={`evidence-line ${evidence.toLowerCase()}`} aria-hidden="true" />
          {EVIDENCE_WORDS[evidence].word}
        </span>
      ))}
    </span>
  );
}
