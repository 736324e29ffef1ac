export { createLineage } from './lineage.ts';
export type { Lineage, LineageOptions } from './lineage.ts';

export { createLineageSubgraph, lineageTypeDefs } from './subgraph.ts';
export type { LineageCommands } from './commands.ts';

export type { Gap } from './gaps.ts';
export type { Graph, GraphEdge, GraphNode } from './graph.ts';
export type { GapKind } from './proof.ts';
export type { Thread } from './thread.ts';
export type { FileRole, IntegrityCounts, Trace, TracedFile } from './trace.ts';
export type { Direction } from './walk.ts';
