// Four small subgraphs in the shape of the real ones, over a world in memory: entities that two or three of them share, a union of
// stubs, an interface, value types, enums, defaults, errors and owners that know nothing. They count what their batches were asked.

import type { GraphqlContext, Load, Subgraph } from '@throughline/graphql';
import { asResult, defineLoader, defineSubgraph, toConnection } from '@throughline/graphql';
import { conflict, encodeCursor, notFound, pageOf, pageRequest } from '@throughline/kernel';

interface Run {
  uuid: string;
  name: string;
  parent: string | null;
  status: 'RUNNING' | 'FINISHED';
  startedAt: Date;
}

/** The world, and what was asked of it. */
export interface World {
  runs: Map<string, Run>;
  /** Each batch that reached a store: the loader's name and how many keys it had. */
  batches: { loader: string; size: number }[];
}

export function makeWorld(runCount = 20): World {
  const runs = new Map<string, Run>();
  for (let index = 1; index <= runCount; index += 1) {
    const uuid = `r${index}`;
    const parent = index > 1 ? 'r1' : null;
    runs.set(uuid, {
      uuid,
      name: `run ${index}`,
      parent,
      status: index % 2 === 0 ? 'FINISHED' : 'RUNNING',
      startedAt: new Date(index * 1000),
    });
  }
  return { runs, batches: [] };
}

export function testContext(): GraphqlContext {
  return {
    caller: { workspaceId: 'w', principalId: 'p', name: 'somebody', scope: 'WRITE', runId: null },
    requestId: 'request-1',
  };
}

const runIdOf = (id: string) => id.replace(/^run_/, '');

/** A loader that notes its batches. */
function counted<V>(world: World, loader: string, find: (key: string) => V | Error | null): Load<string, V> {
  return defineLoader<string, V>(async (keys) => {
    world.batches.push({ loader, size: keys.length });
    return keys.map(find);
  });
}

function trackingSubgraph(world: World): Subgraph {
  const loadRun = counted(world, 'tracking.run', (uuid) =>
    uuid === 'r13' ? new Error('the disk of run 13 is on fire') : (world.runs.get(uuid) ?? null),
  );
  return defineSubgraph({
    name: 'tracking',
    typeDefs: `
      """What has an id."""
      interface Node { """Its id.""" id: ID! }
      """A run."""
      type Run implements Node @key(fields: "id") {
        """Its id."""
        id: ID!
        """Its name."""
        name: String!
        """Where it stands."""
        status: RunStatus!
        """What it belongs to."""
        parent: Run
        """When it began."""
        startedAt: DateTime!
        """A number of metrics, doubled with the scale."""
        metric(key: String!, scale: Float = 2): MetricValue
        """Nested values."""
        metrics(keys: [String!]! = ["loss", "acc"]): [Metric!]!
        """How long it took, with broken ones."""
        broken: String
        """What must not be null."""
        brokenHard: String!
        """Tags in a grid."""
        grid: [[Tag!]]!
        """What it read."""
        reads: [DatasetVersion!]!
      }
      """Where a run stands."""
      enum RunStatus { """Under way.""" RUNNING """Done.""" FINISHED }
      """A metric."""
      type Metric { """Its name.""" key: String! """Its last value.""" last: MetricValue! """The run, again.""" run: Run! """Steps.""" steps: BigInt! }
      """Runs."""
      type RunConnection { """Edges.""" edges: [RunEdge!]! """Nodes.""" nodes: [Run!]! """Page.""" pageInfo: PageInfo! }
      """A run on a page."""
      type RunEdge { """Cursor.""" cursor: String! """Run.""" node: Run! }
      """A filter."""
      input RunFilter { """Only with this status.""" status: RunStatus = FINISHED """Only from then on.""" since: DateTime }
      type DatasetVersion @key(fields: "name number", resolvable: true) {
        name: String!
        number: Int!
        """Who read it."""
        usedBy: [Run!]!
      }
      """What renaming gives."""
      union RenameResult = Run | Problem
      type Query {
        """All runs."""
        runs(first: Int, after: String, filter: RunFilter): RunConnection!
        """One run."""
        run(id: ID!): Run
        """Any node."""
        node(id: ID!): Node
        """Fails."""
        failing: Run
      }
      type Mutation {
        """Renames a run."""
        renameRun(id: ID!, name: String!): RenameResult!
      }
    `,
    resolvers: {
      Query: {
        runs: (_: unknown, args: { first?: number; after?: string; filter?: { status: string; since?: Date } }) => {
          const { first } = pageRequest(args);
          const since = args.filter?.since?.getTime() ?? 0;
          const rows = [...world.runs.values()].filter(
            (run) => (args.filter === undefined || run.status === args.filter.status) && run.startedAt.getTime() >= since,
          );
          return toConnection(pageOf(rows.slice(0, first + 1), first, (run) => encodeCursor([run.uuid])));
        },
        run: (_: unknown, { id }: { id: string }, context: GraphqlContext) => loadRun(context, runIdOf(id)),
        node: async (_: unknown, { id }: { id: string }, context: GraphqlContext) => {
          const run = await loadRun(context, runIdOf(id));
          return run === null ? null : { ...run, __typename: 'Run' };
        },
        failing: () => {
          throw notFound('RUN_NOT_FOUND', 'There is no such run.');
        },
      },
      Mutation: {
        renameRun: (_: unknown, { id, name }: { id: string; name: string }, context: GraphqlContext) =>
          asResult('Run', async () => {
            const run = await loadRun(context, runIdOf(id));
            if (run === null) throw notFound('RUN_NOT_FOUND', `There is no run '${id}'.`);
            if (name === 'taken') throw conflict('NAME_TAKEN', 'The name is taken.', { details: { name } });
            const renamed = { ...run, name };
            world.runs.set(run.uuid, renamed);
            return renamed;
          }),
      },
      Run: {
        __resolveReference: ({ id }: { id: string }, context: GraphqlContext) => loadRun(context, runIdOf(id)),
        id: (run: Run) => `run_${run.uuid}`,
        parent: (run: Run, _: unknown, context: GraphqlContext) => (run.parent === null ? null : loadRun(context, run.parent)),
        metric: (run: Run, { key, scale }: { key: string; scale: number }) => (key === 'nan' ? Number.NaN : run.uuid.length * scale),
        metrics: (run: Run, { keys }: { keys: string[] }) =>
          keys.map((key) => ({ key, last: key === 'loss' ? Number.NEGATIVE_INFINITY : 0.5, run, steps: 2n ** 60n })),
        broken: (run: Run) => {
          if (run.uuid === 'r3') throw conflict('RUN_BROKEN', 'Run 3 is broken.');
          return run.uuid === 'r4' ? null : 'whole';
        },
        brokenHard: (run: Run) => (run.uuid === 'r5' ? null : Promise.resolve('whole')),
        grid: (run: Run) => [[{ key: run.uuid, value: '1' }, Promise.resolve({ key: 'b', value: '2' })], null, []],
        reads: (run: Run) => [{ name: 'penguins', number: Number(run.uuid.slice(1)) % 3 }],
      },
      DatasetVersion: {
        __resolveReference: (reference: { name: string; number: number }) => reference,
        usedBy: (version: { number: number }) =>
          [...world.runs.values()].filter((run) => Number(run.uuid.slice(1)) % 3 === version.number).slice(0, 4),
      },
    },
  });
}

function registrySubgraph(world: World): Subgraph {
  interface Version {
    number: number;
    run: string;
  }
  const versions: Version[] = [...world.runs.keys()].map((run, index) => ({ number: index + 1, run }));
  const loadVersions = counted<Version[]>(world, 'registry.versionsOfRun', (run) => versions.filter((version) => version.run === run));
  return defineSubgraph({
    name: 'registry',
    typeDefs: `
      """A version of a model."""
      type ModelVersion @key(fields: "id") {
        """Its id."""
        id: ID!
        """Its number."""
        number: Int!
        """What made it."""
        run: Run
        """A run that was never there, where one must be."""
        lostRun: Run!
      }
      type Run @key(fields: "id") {
        id: ID!
        """The versions that it made."""
        modelVersions(first: Int! = 5): [ModelVersion!]!
      }
      type Query {
        """Versions."""
        versions(first: Int!): [ModelVersion!]!
        """A version of a run that is gone."""
        orphan: ModelVersion
      }
    `,
    resolvers: {
      Query: {
        versions: (_: unknown, { first }: { first: number }) => versions.slice(0, first),
        orphan: () => ({ number: 0, run: 'gone' }),
      },
      ModelVersion: {
        __resolveReference: ({ id }: { id: string }) => versions.find((version) => `version_${version.number}` === id) ?? null,
        id: (version: Version) => `version_${version.number}`,
        run: (version: Version) => ({ id: `run_${version.run}` }),
        lostRun: () => ({ id: 'run_gone' }),
      },
      Run: {
        __resolveReference: (reference: { id: string }) => reference,
        // The key comes through a promise, as it does where a resolver is async.
        id: (run: { id: string }) => Promise.resolve(run.id),
        modelVersions: async (run: { id: string }, { first }: { first: number }, context: GraphqlContext) =>
          ((await loadVersions(context, runIdOf(run.id))) ?? []).slice(0, first),
      },
    },
  });
}

function dataSubgraph(world: World): Subgraph {
  const find = counted(world, 'data.version', (key) => {
    const [name = '', number = ''] = key.split('@');
    return number === '2' ? null : { name, number: Number(number), digest: `sha256:${number}`, files: ['a.csv', 'b.csv'] };
  });
  return defineSubgraph({
    name: 'data-versioning',
    typeDefs: `
      """A version of a dataset."""
      type DatasetVersion @key(fields: "name number") @key(fields: "id") {
        """The dataset's name."""
        name: String!
        """Its number."""
        number: Int!
        """Its id."""
        id: ID!
        """Its digest; version 2 is lost."""
        digest: String
        """Its files."""
        files(first: Int = 1): FileConnection
      }
      type Query {
        """One version."""
        version(name: String!, number: Int!): DatasetVersion
      }
    `,
    resolvers: {
      Query: {
        version: (_: unknown, { name, number }: { name: string; number: number }, context: GraphqlContext) =>
          find(context, `${name}@${number}`),
      },
      DatasetVersion: {
        __resolveReference: (reference: { id: string } | { name: string; number: number }, context: GraphqlContext) =>
          find(context, 'id' in reference ? reference.id.replace(/^version_/, '') : `${reference.name}@${reference.number}`),
        id: (version: { name: string; number: number }) => `version_${version.name}@${version.number}`,
        files: (version: { files: string[] }, { first }: { first: number }) => {
          const files = version.files.map((path) => ({
            path,
            sizeBytes: 2n ** 40n,
            sha256: 's',
            md5: 'm',
            executable: false,
            integrity: 'INTACT',
            checkedAt: new Date(0),
            downloadUrl: `/files/${path}`,
          }));
          return { ...toConnection(pageOf(files, first, (file) => file.path)), totalCount: files.length };
        },
      },
    },
  });
}

function lineageSubgraph(): Subgraph {
  return defineSubgraph({
    name: 'lineage',
    typeDefs: `
      type Run @key(fields: "id", resolvable: false) { id: ID! }
      type ModelVersion @key(fields: "id", resolvable: false) { id: ID! }
      type DatasetVersion @key(fields: "id", resolvable: false) { id: ID! }
      """A node of the graph."""
      union LineageNode = Run | ModelVersion | DatasetVersion
      """An edge."""
      type LineageEdge { """From.""" from: ID! """To.""" to: ID! """How it is known.""" evidence: Evidence! }
      """A graph."""
      type Lineage { """Nodes.""" nodes: [LineageNode!]! """Maybe nodes.""" maybe: [LineageNode]! """Edges.""" edges: [LineageEdge!]! }
      type Query {
        """Everything behind a root."""
        lineage(root: ID!, depth: Int! = 3): Lineage!
      }
    `,
    resolvers: {
      Query: {
        lineage: (_: unknown, { root, depth }: { root: string; depth: number }) => {
          const stub = (__typename: string, id: string) => ({ __typename, id });
          const nodes = [
            stub('ModelVersion', root),
            stub('Run', 'run_r2'),
            stub('Run', 'run_r4'),
            stub('DatasetVersion', 'version_penguins@1'),
          ];
          return {
            nodes: nodes.slice(0, depth + 1),
            maybe: [stub('Run', 'run_r2'), stub('Run', 'run_gone'), null, stub('DatasetVersion', 'version_penguins@2')],
            edges: nodes.slice(1, depth + 1).map((node) => ({ from: root, to: node.id, evidence: 'MATCHED' })),
          };
        },
      },
    },
  });
}

/** The four subgraphs over one world. */
export function testSubgraphs(world: World): Subgraph[] {
  return [trackingSubgraph(world), registrySubgraph(world), dataSubgraph(world), lineageSubgraph()];
}
