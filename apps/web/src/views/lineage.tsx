'use client';

import { useRouter } from 'next/navigation';
import { useMemo } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { counted } from '../logic/format.ts';
import { foldKind, gatherLeaves, viewOf } from '../logic/graph-view.ts';
import { hrefOfNode, nameOfNode } from '../logic/links.ts';
import { Graph, GraphLegend } from '../parts/graph.tsx';
import { Badge, EvidenceMark, IntegrityBadge } from '../ui/badge.tsx';
import { fieldOf } from '../ui/dialog.tsx';
import { Head, Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { Nothing, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

const LineageDocument = graphql(`
  query LineagePage($root: ID!, $direction: LineageDirection!, $depth: Int) {
    lineage(root: $root, direction: $direction, depth: $depth) {
      root
      nodes {
        id
        kind
        ref
        label
        detail
        integrity
        checkedAt
        retraction
      }
      edges {
        from
        to
        relation
        evidence
        context
        recordedAt
      }
      truncated
      cyclic
    }
  }
`);

const StartsDocument = graphql(`
  query LineageStarts {
    deployments(first: 10) {
      nodes {
        id
        environment
        target
      }
    }
    datasets(first: 10) {
      nodes {
        id
        name
        current {
          id
          number
        }
      }
    }
  }
`);

/** Above this many nodes a drawing helps nobody; the table does. */
const MOST_DRAWN = 150;

export function LineageView() {
  const url = useUrl();
  const root = url.get('root') ?? '';
  const direction = url.get('direction') === 'downstream' ? ('DOWNSTREAM' as const) : ('UPSTREAM' as const);
  const asked = Number(url.get('depth') ?? '20');
  const depth = Number.isInteger(asked) && asked >= 1 && asked <= 50 ? asked : 20;
  return (
    <>
      <Head title="Lineage" reference={root === '' ? undefined : root} />
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          url.set({ root: fieldOf(new FormData(event.currentTarget), 'root') }, { push: true });
        }}
      >
        <div className="filter">
          <input
            key={root}
            name="root"
            className="mono"
            aria-label="Where to begin"
            placeholder="deployment:production/api, model:penguins/3, run:…, data:penguins@2"
            defaultValue={root}
            spellCheck={false}
            autoComplete="off"
          />
          <small>Enter</small>
        </div>
        <div className="segmented" role="group" aria-label="Direction">
          <button type="button" className="button" aria-pressed={direction === 'UPSTREAM'} onClick={() => url.set({ direction: null })}>
            Toward data
          </button>
          <button
            type="button"
            className="button"
            aria-pressed={direction === 'DOWNSTREAM'}
            onClick={() => url.set({ direction: 'downstream' })}
          >
            Toward deployments
          </button>
        </div>
        <label className="inline-field">
          Steps
          <input
            className="input short"
            type="number"
            min={1}
            max={50}
            value={depth}
            onChange={(event) => url.set({ depth: event.currentTarget.value === '20' ? null : event.currentTarget.value })}
          />
        </label>
      </form>
      {root === '' ? <Starts /> : <Whole root={root} direction={direction} depth={depth} />}
    </>
  );
}

function Starts() {
  const router = useRouter();
  const query = useData(StartsDocument, {});
  return (
    <div className="page">
      <Loaded query={query}>
        {({ deployments, datasets }) =>
          deployments.nodes.length + datasets.nodes.length === 0 ? (
            <Empty title="Nothing to follow yet">
              <p>Once a run reads a dataset version and a model is registered from it, their graph can be followed from either end.</p>
            </Empty>
          ) : (
            <div className="home-grid">
              <Section title="From a deployment, toward its data">
                <ul className="lines">
                  {deployments.nodes.map(({ id, environment, target }) => (
                    <li key={id}>
                      <button type="button" className="text-button" onClick={() => router.push(`/lineage?root=${encodeURIComponent(id)}`)}>
                        {environment} / {target}
                      </button>
                    </li>
                  ))}
                </ul>
              </Section>
              <Section title="From a dataset, toward what stands on it">
                <ul className="lines">
                  {datasets.nodes.flatMap(({ id, name, current }) =>
                    current ? (
                      <li key={id}>
                        <button
                          type="button"
                          className="text-button mono"
                          onClick={() => router.push(`/lineage?root=${encodeURIComponent(current.id)}&direction=downstream`)}
                        >
                          {name}@{current.number}
                        </button>
                      </li>
                    ) : (
                      []
                    ),
                  )}
                </ul>
              </Section>
            </div>
          )
        }
      </Loaded>
    </div>
  );
}

interface Row {
  id: string;
  kind: string;
  ref: string;
  label: string;
  integrity?: 'UNCHECKED' | 'INTACT' | 'DAMAGED' | null;
  checkedAt?: string | null;
  retraction?: string | null;
  by: { relation: string; evidence: 'ASSERTED' | 'OBSERVED' | 'MATCHED'; context?: string | null; recordedAt?: string | null } | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'kind', head: 'What', width: 130, cell: ({ kind }) => kind.toLowerCase().replaceAll('_', ' ') },
  {
    id: 'label',
    head: 'Name',
    cell: (row) => {
      const href = row.kind === 'UNRESOLVED_INPUT' ? null : hrefOfNode(row);
      return href === null ? nameOfNode(row) : <Link href={href}>{nameOfNode(row)}</Link>;
    },
  },
  {
    id: 'relation',
    head: 'Reached as',
    width: 190,
    cell: ({ by }) => (by === null ? 'where it begins' : `${by.relation}${by.context ? `, ${by.context}` : ''}`),
  },
  { id: 'evidence', head: 'Evidence', width: 130, cell: ({ by }) => (by === null ? <Nothing /> : <EvidenceMark evidence={by.evidence} />) },
  {
    id: 'integrity',
    head: 'Bytes',
    width: 120,
    cell: ({ integrity, checkedAt, retraction }) =>
      retraction ? (
        <Badge tone="retracted" title={retraction}>
          withdrawn
        </Badge>
      ) : integrity ? (
        <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />
      ) : (
        <Nothing />
      ),
  },
  { id: 'when', head: 'Recorded', width: 110, cell: ({ by }) => <Time at={by?.recordedAt} /> },
];

function Whole({ root, direction, depth }: { root: string; direction: 'UPSTREAM' | 'DOWNSTREAM'; depth: number }) {
  const url = useUrl();
  const query = useData(LineageDocument, { root, direction, depth }, { keep: true });
  const lineage = query.data?.lineage;
  const full = useMemo(() => (lineage === undefined ? null : viewOf(lineage.nodes, lineage.edges)), [lineage]);
  const folded = url.get('graph') === 'folded';
  const view = useMemo(() => {
    if (full === null || lineage === undefined) return null;
    return gatherLeaves(folded ? foldKind(full, 'LOGGED_MODEL') : full, lineage.root);
  }, [full, folded, lineage]);
  return (
    <Loaded query={query}>
      {({ lineage: { nodes, edges, root: rootId, truncated, cyclic } }) => {
        const rows: Row[] = nodes.map((node) => ({
          ...node,
          by: (direction === 'UPSTREAM' ? edges.find(({ to }) => to === node.id) : edges.find(({ from }) => from === node.id)) ?? null,
        }));
        const weak = edges.filter(({ evidence }) => evidence === 'ASSERTED').length;
        return (
          <>
            <div className="bar tinted">
              <Badge>{counted(nodes.length, 'node')}</Badge>
              <Badge>{counted(edges.length, 'step')}</Badge>
              {weak > 0 ? (
                <Badge tone="warn" title={EVIDENCE_WORDS.ASSERTED.meaning}>
                  {counted(weak, 'step')} only asserted
                </Badge>
              ) : null}
              <button
                type="button"
                className="text-button"
                aria-pressed={folded}
                onClick={() => url.set({ graph: folded ? null : 'folded' })}
              >
                {folded ? 'Show logged models' : 'Hide logged models'}
              </button>
              {truncated ? <Badge tone="warn">a limit cut it short</Badge> : null}
              {cyclic ? <Badge tone="bad">it runs in a circle</Badge> : null}
              <span className="spacer" />
              <GraphLegend />
            </div>
            <div className="page">
              {view === null || view.nodes.length > MOST_DRAWN ? (
                <p className="note">
                  {counted(nodes.length, 'node')} are too many to draw; the table has them all. Fewer steps make a drawing.
                </p>
              ) : (
                <Graph view={view} root={rootId} label={direction === 'UPSTREAM' ? 'What it stands on' : 'What stands on it'} />
              )}
              <Section
                title={direction === 'UPSTREAM' ? 'What it stands on' : 'What stands on it'}
                aside={counted(nodes.length - 1, 'node')}
              >
                <Table label="Nodes" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} minWidth={760} />
              </Section>
            </div>
          </>
        );
      }}
    </Loaded>
  );
}
