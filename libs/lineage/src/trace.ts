// A deployment traced back to the bytes that its model was trained on, and judged.

import type { Content, FileInfo, ManifestIntegrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { GraphNodeKind, Integrity } from '@throughline/kernel';
import { parseRef } from '@throughline/kernel';

import { describeGap } from './gaps.ts';
import type { Gap } from './gaps.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import { isVerified, prove } from './proof.ts';
import type { Proof, ProofNode } from './proof.ts';

export type FileRole = 'DATA' | 'MODEL';

/** A file that the trace stands on. */
export interface TracedFile extends FileInfo {
  role: FileRole;
  /** The node that it belongs to, by its id. */
  node: string;
}

export interface IntegrityCounts {
  unchecked: number;
  intact: number;
  damaged: number;
  /** When the oldest check was made; null while a file was never checked. */
  oldestCheckAt: Date | null;
}

export interface Trace {
  /** The deployment's UUID. */
  deploymentId: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
  verified: boolean;
  weakest: GraphEdge | null;
  gaps: Gap[];
  truncated: boolean;
  fileCount: number;
  integrity: IntegrityCounts;
  /** The first files, those of the data before the model's; one statement. */
  files(first: number): Promise<TracedFile[]>;
}

export const MAX_FILES = 1000;

/** A manifest that the trace stands on. */
interface Source {
  node: GraphNode;
  manifestId: string;
  role: FileRole;
  prefix: string;
}

const ROLES: Partial<Record<GraphNodeKind, FileRole>> = { datasetVersion: 'DATA', modelVersion: 'MODEL', loggedModel: 'MODEL' };

/** Judges an upstream graph of a deployment. */
export function traceOf(graph: Graph, call: Call, content: Pick<Content, 'firstEntriesOf'>): Trace {
  const { proof, gaps } = judge(graph);
  const provenance = new Set(proof.provenance);
  const sources = sourcesOf(graph.nodes.filter((node) => provenance.has(node.key)));
  const bytes = sources.map((source): Integrity => graph.bytes.get(source.manifestId)?.integrity ?? 'DAMAGED');
  const counts = countFiles(graph, sources);
  return {
    deploymentId: graph.nodes[0]?.node.id ?? '',
    nodes: graph.nodes,
    edges: graph.edges,
    verified: isVerified(proof, bytes),
    weakest: proof.weakest,
    gaps,
    truncated: graph.truncated,
    fileCount: counts.unchecked + counts.intact + counts.damaged,
    integrity: counts,
    async files(first) {
      // No more manifests than it takes: what each holds is known by now.
      let before = 0;
      const needed = sources.filter((source) => {
        const isNeeded = before < first;
        before += fileCountOf(graph.bytes.get(source.manifestId));
        return isNeeded;
      });
      const found = await content.firstEntriesOf(
        call,
        needed.map((source) => source.manifestId),
        first,
      );
      return needed.flatMap((source) => (found.get(source.manifestId) ?? []).map((file) => tracedFile(source, file))).slice(0, first);
    },
  };
}

function fileCountOf(found: ManifestIntegrity | undefined): number {
  return found === undefined ? 0 : found.uncheckedFiles + found.intactFiles + found.damagedFiles;
}

/** A node as the proof sees it. */
export function proofNode({ key, node, facts }: GraphNode): ProofNode {
  return { key, kind: node.kind, ref: facts.ref, isRetracted: facts.retraction !== null, lacks: facts.lacks };
}

/** A graph's proof, its gaps put into words. */
export function judge(graph: Graph): { proof: Proof<GraphEdge>; gaps: Gap[] } {
  const nodes = graph.nodes.map(proofNode);
  const proof = prove({ root: graph.root, nodes, edges: graph.edges, truncated: graph.truncated });
  const facts = new Map(graph.nodes.map((node) => [node.key, node.facts]));
  const gaps = proof.gaps.flatMap(({ node, kind }) => {
    const known = facts.get(node);
    return known === undefined ? [] : [describeGap(kind, known)];
  });
  return { proof, gaps };
}

/** The manifests behind nodes, data first. A model's copies freeze the same files, which are the trace's once. */
function sourcesOf(nodes: readonly GraphNode[]): Source[] {
  const sources = nodes.flatMap((node): Source[] => {
    const role = ROLES[node.node.kind];
    const { manifestId, ref, label } = node.facts;
    return role === undefined || manifestId === null ? [] : [{ node, manifestId, role, prefix: prefixOf(ref, label) }];
  });
  const models = sources.filter((source) => source.role === 'MODEL');
  const firstOf = new Map(models.toReversed().map((source) => [source.manifestId, source]));
  return [...sources.filter((source) => source.role === 'DATA'), ...models.filter((source) => firstOf.get(source.manifestId) === source)];
}

/** What stands before a file's path: `penguins@2`, `penguins/3`. */
function prefixOf(ref: string, label: string): string {
  const parsed = parseRef(ref)?.ref;
  if (parsed?.kind === 'data' && parsed.number !== undefined) return `${parsed.name}@${parsed.number}`;
  if (parsed?.kind === 'model' && parsed.version !== undefined) return `${parsed.name}/${parsed.version}`;
  return label;
}

function tracedFile({ node, role, prefix }: Source, file: FileInfo): TracedFile {
  return { ...file, path: `${prefix}/${file.path}`, role, node: node.key };
}

function countFiles(graph: Graph, sources: readonly Source[]): IntegrityCounts {
  const found = sources.map((source) => graph.bytes.get(source.manifestId)).filter((one) => one !== undefined);
  const sum = (pick: (one: (typeof found)[number]) => number) => found.reduce((total, one) => total + pick(one), 0);
  const unchecked = sum((one) => one.uncheckedFiles);
  const checks = found.map((one) => one.oldestCheckAt).filter((at) => at !== null);
  const oldest = checks.length === 0 ? null : new Date(Math.min(...checks.map((at) => at.getTime())));
  return {
    unchecked,
    intact: sum((one) => one.intactFiles),
    damaged: sum((one) => one.damagedFiles),
    oldestCheckAt: unchecked === 0 ? oldest : null,
  };
}
