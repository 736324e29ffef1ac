'use client';

// The thread: data -> run -> model -> deployment, with what is known filled in and each link one click away. It stands on every
// page of the story. A gap says what is missing and how to fill it.

import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

import { useData } from '../api/hooks.ts';
import type { ThreadQuery } from '../gql/graphql.ts';
import { graphql } from '../gql/gql.ts';
import type { Evidence } from '../logic/evidence.ts';
import { EVIDENCE_WORDS, evidenceBetween } from '../logic/evidence.ts';
import { exactTime } from '../logic/format.ts';
import { hrefOfNode, nameOfNode } from '../logic/links.ts';
import { Link } from '../ui/link.tsx';
import { WithdrawnBar } from './withdrawn.tsx';

const ThreadDocument = graphql(`
  query Thread($id: ID!) {
    thread(id: $id) {
      data {
        id
        kind
        ref
        label
        detail
        integrity
        checkedAt
        retraction
      }
      run {
        id
        kind
        ref
        label
        detail
      }
      modelVersion {
        id
        kind
        ref
        label
        detail
        integrity
        checkedAt
        subject {
          ... on ModelVersion {
            aliases
          }
        }
      }
      deployments {
        id
        kind
        ref
        label
        detail
        subject {
          ... on Deployment {
            isLive
            startedAt
          }
        }
      }
      edges {
        from
        to
        evidence
        relation
      }
      gaps {
        node
        kind
        message
        hint
      }
    }
  }
`);

type ThreadData = ThreadQuery['thread'];
type Gap = ThreadData['gaps'][number];

interface Missing {
  title: string;
  hint: string;
  /** More words, on hover. */
  more?: string | undefined;
  /** Where it can be filled. */
  href?: string | null;
}

interface KnotProps {
  node: { id: string; kind: string; ref: string; label: string } | null | undefined;
  here: string;
  word: ReactNode;
  tone?: 'ok' | 'bad' | 'warn' | undefined;
  title?: string | undefined;
  more?: ReactNode;
  /** What stands in an empty place. */
  missing: Missing;
}

/** What stands in an empty place: what is missing, and the page where it can be filled. */
function Hole({ missing: { title, hint, more, href } }: { missing: Missing }) {
  const pathname = usePathname();
  const inner = (
    <>
      <small>{title}</small>
      <span className="knot-hint">{hint}</span>
    </>
  );
  return href === undefined || href === null || href === pathname ? (
    <div className="knot gap" title={more ?? hint}>
      {inner}
    </div>
  ) : (
    <Link className="knot gap" href={href} title={more ?? hint}>
      {inner}
    </Link>
  );
}

function missingData(gap: Gap | undefined, run: ThreadData['run']): Missing {
  const href = run ? hrefOfNode(run) : null;
  if (gap?.kind === 'UNRESOLVED_INPUT') return { title: 'Data not known', hint: 'Link it to a dataset version.', more: gap.message, href };
  return { title: 'No data named', hint: 'Name it with mlflow.log_input.', more: gap?.message, href };
}

function Knot({ node, here, word, tone, title, more, missing }: KnotProps) {
  if (node === null || node === undefined) {
    return <Hole missing={missing} />;
  }
  const href = hrefOfNode(node);
  const inner = (
    <>
      <small>
        {tone === undefined ? null : <span className={`dot ${tone}`} aria-hidden="true" />}
        {word}
      </small>
      <b>
        <span>{nameOfNode(node)}</span>
        {more}
      </b>
    </>
  );
  if (node.id === here || href === null) {
    return (
      <div className={node.id === here ? 'knot here' : 'knot'} aria-current={node.id === here ? 'true' : undefined} title={title}>
        {inner}
      </div>
    );
  }
  return (
    <Link className="knot" href={href} title={title}>
      {inner}
    </Link>
  );
}

function Tie({ evidence }: { evidence: Evidence | null }) {
  if (evidence === null) return <div className="tie none" role="img" aria-label="not connected" />;
  const { word, meaning } = EVIDENCE_WORDS[evidence];
  return <div className={`tie ${evidence.toLowerCase()}`} role="img" aria-label={word} title={`${word}: ${meaning}`} />;
}

function dataWord(node: ThreadData['data'][number], others: number, standsOnWithdrawn: boolean): string {
  const state = node.retraction
    ? 'withdrawn'
    : standsOnWithdrawn
      ? 'made from withdrawn data'
      : (node.integrity ?? 'unchecked').toLowerCase();
  return others > 0 ? `Dataset · ${state} · and ${others} more` : `Dataset · ${state}`;
}

/** The strip for a run, dataset version, model version or deployment. `here` is the node that the page is about; null where it is none of them. */
export function Thread({ id, here = id }: { id: string | undefined; here?: string | null | undefined }) {
  const { data } = useData(ThreadDocument, { id: id ?? '' }, { enabled: id !== undefined });
  if (id === undefined || data === undefined) {
    return (
      <div className="thread" role="status" aria-label="Loading the thread">
        {[0, 1, 2, 3].map((place) => (
          <div key={place} className="knot waiting" />
        ))}
      </div>
    );
  }
  return (
    <>
      <Strip thread={data.thread} here={here ?? ''} />
      <WithdrawnBar gaps={data.thread.gaps} here={here ?? ''} />
    </>
  );
}

function Strip({ thread, here }: { thread: ThreadData; here: string }) {
  const { run, modelVersion, edges, gaps } = thread;
  const version = thread.data.find((node) => node.id === here) ?? thread.data[0];
  const deployment = thread.deployments.find((node) => node.id === here) ?? thread.deployments[0];
  const gapOf = (kinds: readonly Gap['kind'][]) => gaps.find(({ kind }) => kinds.includes(kind));
  const between = (from: { id: string } | null | undefined, to: { id: string } | null | undefined) =>
    from && to ? evidenceBetween(edges, from.id, to.id) : null;
  const withdrawn = gapOf(['RETRACTED_DATA']);
  const read = between(run, version);
  const live = deployment?.subject && 'isLive' in deployment.subject ? deployment.subject : null;
  const aliases = modelVersion?.subject && 'aliases' in modelVersion.subject ? modelVersion.subject.aliases : [];
  return (
    <section className="thread" aria-label="Thread from data to deployment">
      <Knot
        node={version}
        here={here}
        word={version === undefined ? '' : dataWord(version, thread.data.length - 1, withdrawn !== undefined)}
        tone={
          version?.retraction || withdrawn
            ? 'bad'
            : version?.integrity === 'DAMAGED'
              ? 'bad'
              : version?.integrity === 'INTACT'
                ? 'ok'
                : undefined
        }
        title={[
          version?.retraction ?? withdrawn?.message,
          version?.detail,
          version?.checkedAt ? `checked ${exactTime(version.checkedAt)}` : null,
        ]
          .filter((part) => part !== null && part !== undefined)
          .join(' · ')}
        missing={missingData(gapOf(['UNRESOLVED_INPUT', 'NO_INPUTS']), run)}
      />
      <Tie evidence={read} />
      <Knot
        node={run}
        here={here}
        word={read === null ? 'Run' : `Run · ${read === 'ASSERTED' ? 'says it read it' : `${EVIDENCE_WORDS[read].word} reading it`}`}
        title={run?.detail ?? undefined}
        missing={{ title: 'No run known', hint: 'Nothing trained on this yet.', more: gapOf(['NO_RUN'])?.hint }}
      />
      <Tie evidence={between(modelVersion, run)} />
      <Knot
        node={modelVersion}
        here={here}
        word={
          modelVersion?.integrity === 'DAMAGED'
            ? 'Model · damaged'
            : gaps.some(({ kind, node }) => kind === 'NO_DIGEST' && node === modelVersion?.id)
              ? 'Model · no digest'
              : 'Model · digest pinned'
        }
        tone={modelVersion?.integrity === 'DAMAGED' ? 'bad' : modelVersion?.integrity === 'INTACT' ? 'ok' : undefined}
        title={modelVersion?.detail ?? undefined}
        more={aliases.slice(0, 1).map((alias) => (
          <span key={alias} className="badge accent">
            {alias}
          </span>
        ))}
        missing={{ title: 'No model version', hint: 'Register what a run made.', href: run ? hrefOfNode(run) : null }}
      />
      <Tie evidence={between(deployment, modelVersion)} />
      <Knot
        node={deployment}
        here={here}
        word={
          live === null
            ? 'Deployment'
            : `${live.isLive ? 'Live' : 'Ended'}${thread.deployments.length > 1 ? ` · and ${thread.deployments.length - 1} more` : ''}`
        }
        tone={live?.isLive === true ? 'ok' : undefined}
        title={live === null ? undefined : `since ${exactTime(live.startedAt)}`}
        missing={{ title: 'Not deployed', hint: 'Deploy a version from its page.', href: modelVersion ? hrefOfNode(modelVersion) : null }}
      />
    </section>
  );
}
