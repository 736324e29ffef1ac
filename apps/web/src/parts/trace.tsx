'use client';

// The trace of a deployment: the graph back to its data with what proves each step, what is missing, the files it all stands on,
// and a way to hash them again.

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { TraceQuery } from '../gql/graphql.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { counted, formatBytes, formatCount } from '../logic/format.ts';
import { foldKind, viewOf } from '../logic/graph-view.ts';
import { lineageHref, nameOfNode } from '../logic/links.ts';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { WarningIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { Loaded, Skeleton } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { toast } from '../ui/toast.tsx';
import { Bytes, Hash, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';
import { Graph, GraphLegend } from './graph.tsx';
import { LinkInput } from './link-input.tsx';
import { WithdrawnBar } from './withdrawn.tsx';

const TraceDocument = graphql(`
  query Trace($id: ID!, $files: Int) {
    traceDeployment(id: $id) {
      deployment {
        id
      }
      nodes {
        id
        kind
        ref
        label
        detail
        integrity
        checkedAt
        retraction
        subject {
          __typename
          ... on DatasetInput {
            id
            name
            digest
            source
          }
        }
      }
      edges {
        from
        to
        relation
        evidence
        context
      }
      files(first: $files) {
        path
        sizeBytes
        sha256
        integrity
        checkedAt
        role
        node
      }
      fileCount
      integrity {
        unchecked
        intact
        damaged
        oldestCheckAt
      }
      verified
      weakest {
        from
        to
        relation
        evidence
      }
      gaps {
        node
        kind
        message
        hint
      }
      truncated
    }
  }
`);

const VerifyDocument = graphql(`
  mutation Verify($root: ID!) {
    verify(root: $root) {
      id
    }
  }
`);

const VerificationDocument = graphql(`
  query Verification($id: ID!) {
    verification(id: $id) {
      id
      state
      totalFiles
      totalBytes
      checkedFiles
      checkedBytes
      damagedFiles
      error
    }
  }
`);

type Trace = TraceQuery['traceDeployment'];

const FILES_SHOWN = 100;
const FILES_MOST = 1000;

export function TracePanel({ id }: { id: string }) {
  const url = useUrl();
  const files = url.get('files') === 'all' ? FILES_MOST : FILES_SHOWN;
  const query = useData(TraceDocument, { id, files }, { keep: true });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <div className="bar tinted" />
          <div className="page">
            <Skeleton rows={10} />
          </div>
        </>
      }
    >
      {({ traceDeployment }) => <Panel trace={traceDeployment} />}
    </Loaded>
  );
}

function Panel({ trace }: { trace: Trace }) {
  const url = useUrl();
  const whole = url.get('graph') === 'whole';
  const [linking, setLinking] = useState<string | null>(null);
  const full = useMemo(() => viewOf(trace.nodes, trace.edges, trace.gaps), [trace]);
  const folded = useMemo(() => foldKind(full, 'LOGGED_MODEL'), [full]);
  const canFold = folded.nodes.length < full.nodes.length;
  const view = whole ? full : folded;
  const input = trace.nodes.find((node) => node.id === linking);
  return (
    <>
      <Verdict trace={trace} />
      <WithdrawnBar gaps={trace.gaps} here={trace.deployment.id} />
      <div className="page">
        <div className="graph-tools">
          <GraphLegend />
          <span className="spacer" />
          {canFold ? (
            <button type="button" className="text-button" aria-pressed={whole} onClick={() => url.set({ graph: whole ? null : 'whole' })}>
              {whole ? 'Hide logged models' : 'Show logged models'}
            </button>
          ) : null}
          <Link href={lineageHref(trace.deployment.id)}>Open in lineage</Link>
        </div>
        <Graph
          view={view}
          root={trace.deployment.id}
          label="Trace from the deployment to its data"
          weakest={trace.weakest}
          onGap={(node) => setLinking(node.id)}
        />
        {trace.truncated ? <p className="note warn">A limit cut this trace short: what lies further up is not shown.</p> : null}
        <Gaps trace={trace} onLink={setLinking} />
        <Files trace={trace} />
      </div>
      <LinkInput
        input={
          input?.subject?.__typename === 'DatasetInput'
            ? input.subject
            : linking === null
              ? null
              : { id: linking, name: input?.label ?? 'this input', digest: '', source: '' }
        }
        onClose={() => setLinking(null)}
      />
    </>
  );
}

/** What it all comes to, in one line; each badge names what stands against it. */
function Verdict({ trace }: { trace: Trace }) {
  const { integrity, fileCount, weakest, gaps, verified } = trace;
  const labelOf = (id: string) => {
    const node = trace.nodes.find((each) => each.id === id);
    return node === undefined ? id : nameOfNode(node);
  };
  return (
    <div className="bar tinted verdict" role="status" aria-label="Verdict">
      {verified ? (
        <Badge tone="ok" dot title="Every step to the data is observed or matched, nothing is missing, and all bytes are intact.">
          Verified
        </Badge>
      ) : (
        <Badge tone="warn" dot title="Verified means: every step to the data observed or matched, nothing missing, all bytes intact.">
          Not verified
        </Badge>
      )}
      {integrity.damaged > 0 ? <Badge tone="bad">{counted(integrity.damaged, 'file')} damaged</Badge> : null}
      {integrity.unchecked > 0 ? <Badge>{counted(integrity.unchecked, 'file')} unchecked</Badge> : null}
      {integrity.intact > 0 ? (
        <Badge tone="ok">{integrity.intact === fileCount ? counted(fileCount, 'file') : formatCount(integrity.intact)} intact</Badge>
      ) : null}
      {gaps.length > 0 ? <Badge tone="warn">{counted(gaps.length, 'gap')}</Badge> : null}
      {weakest ? (
        <Badge tone={weakest.evidence === 'ASSERTED' ? 'warn' : 'plain'} title={EVIDENCE_WORDS[weakest.evidence].meaning}>
          weakest: {labelOf(weakest.from)} → {labelOf(weakest.to)} is {weakest.evidence === 'ASSERTED' ? 'only ' : ''}
          {EVIDENCE_WORDS[weakest.evidence].word}
        </Badge>
      ) : null}
      <span className="spacer" />
      {integrity.oldestCheckAt ? (
        <span className="quiet">
          checked <Time at={integrity.oldestCheckAt} />
        </span>
      ) : null}
      <VerifyButton root={trace.deployment.id} />
    </div>
  );
}

const POLL_MS = 700;

/** Hashes everything again, and says how far it is. */
export function VerifyButton({ root }: { root: string }) {
  const client = useQueryClient();
  const [job, setJob] = useState<string | null>(null);
  const verify = useAct(VerifyDocument, { then: (result) => setJob(result.verify.id) });
  const { data } = useData(
    VerificationDocument,
    { id: job ?? '' },
    {
      enabled: job !== null,
      staleMs: 0,
      pollMs: (answer) => (answer?.verification?.state === 'DONE' || answer?.verification?.state === 'FAILED' ? false : POLL_MS),
    },
  );
  const state = data?.verification;
  const ended = job !== null && state?.id === job && (state.state === 'DONE' || state.state === 'FAILED') ? state : null;
  useEffect(() => {
    if (ended === null) return;
    setJob(null);
    if (ended.state === 'FAILED') {
      toast({
        text: `The verification could not go on: ${ended.error ?? 'no reason was given'}`,
        tone: 'bad',
        hint: 'Nothing was marked as damaged for it. Try again.',
      });
    } else if (ended.damagedFiles > 0) {
      toast({
        text: `${counted(ended.damagedFiles, 'file')} of ${formatCount(ended.totalFiles)} damaged.`,
        tone: 'bad',
        hint: 'The damaged ones are marked in the list. Uploading the same bytes again heals them.',
      });
    } else {
      toast({ text: `${counted(ended.totalFiles, 'file')} hashed again, all as they were stored.` });
    }
    void client.invalidateQueries();
  }, [ended, client]);
  const busy = verify.isPending || job !== null;
  const share = state && Number(state.totalBytes) > 0 ? Number(state.checkedBytes) / Number(state.totalBytes) : 0;
  return (
    <button type="button" className="button primary verify" disabled={busy} onClick={() => verify.mutate({ root })}>
      {busy ? (
        <>
          <progress value={share} max={1} aria-label="How much is hashed" />
          {state && job !== null
            ? `${formatCount(state.checkedFiles)} of ${counted(state.totalFiles, 'file')}, ${formatBytes(state.checkedBytes)}`
            : 'Starting…'}
        </>
      ) : (
        'Verify again'
      )}
    </button>
  );
}

function Gaps({ trace, onLink }: { trace: Trace; onLink: (node: string) => void }) {
  if (trace.gaps.length === 0) return null;
  return (
    <Section title="What is missing" aside={counted(trace.gaps.length, 'gap')}>
      <ul className="gaps">
        {trace.gaps.map((gap) => (
          <li key={`${gap.kind} ${gap.node}`}>
            <WarningIcon />
            <div>
              <b>{gap.message}</b>
              <span className="quiet">
                {gap.kind === 'UNRESOLVED_INPUT'
                  ? 'Link it to the version that it was. Where the data was never registered, register it first.'
                  : gap.hint}
              </span>
            </div>
            {gap.kind === 'UNRESOLVED_INPUT' ? (
              <button type="button" className="button small" onClick={() => onLink(gap.node)}>
                Link it
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

type TracedFile = Trace['files'][number];

const COLUMNS: readonly Column<TracedFile>[] = [
  { id: 'path', head: 'Path', cell: ({ path }) => <span title={path}>{path}</span>, kind: 'mono' },
  { id: 'role', head: 'Part', cell: ({ role }) => (role === 'DATA' ? 'data' : 'model'), width: 72 },
  { id: 'size', head: 'Size', cell: ({ sizeBytes }) => <Bytes value={sizeBytes} />, width: 96, kind: 'number' },
  { id: 'sha', head: 'SHA-256', cell: ({ sha256 }) => <Hash value={sha256} copy />, width: 150 },
  {
    id: 'integrity',
    head: 'Integrity',
    cell: ({ integrity, checkedAt }) => <IntegrityBadge integrity={integrity} checkedAt={checkedAt} />,
    width: 120,
  },
  { id: 'checked', head: 'Checked', cell: ({ checkedAt }) => <Time at={checkedAt} />, width: 120 },
];

function Files({ trace }: { trace: Trace }) {
  const url = useUrl();
  const { files, fileCount } = trace;
  return (
    <Section title="Files it stands on" aside={`${formatCount(files.length)} of ${formatCount(fileCount)}`}>
      {fileCount === 0 ? (
        <p className="note">No stored file is reached yet: the data is not known, or lies elsewhere.</p>
      ) : (
        <Table label="Files it stands on" columns={COLUMNS} rows={files} keyOf={({ node, path }) => `${node} ${path}`} minWidth={760} />
      )}
      {files.length < fileCount && files.length < FILES_MOST ? (
        <button type="button" className="button" onClick={() => url.set({ files: 'all' })}>
          Show up to {formatCount(FILES_MOST)}
        </button>
      ) : null}
    </Section>
  );
}
