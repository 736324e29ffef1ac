'use client';

import { useState } from 'react';

import { useAct } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { CollectMutation } from '../gql/graphql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { Bytes, Facts } from '../ui/text.tsx';

const CollectDocument = graphql(`
  mutation Collect($dryRun: Boolean!) {
    collect(dryRun: $dryRun) {
      dryRun
      manifests
      fileSets
      blobs
      objects
      uploads
      bytes
    }
  }
`);

/** Removes stored bytes that nothing references. */
export function Storage() {
  const [report, setReport] = useState<CollectMutation['collect'] | null>(null);
  const [asking, setAsking] = useState(false);
  const collect = useAct(CollectDocument, {
    failure: 'shown',
    done: ({ collect: made }) => (made.dryRun ? null : { text: 'What nothing referenced is removed.' }),
    then: ({ collect: made }) => {
      setReport(made);
      setAsking(false);
    },
  });
  const found = report === null ? 0 : report.manifests + report.fileSets + report.blobs + report.objects + report.uploads;
  return (
    <Section title="Collect what nothing references">
      <p className="note">
        Files stay while any version, run, logged model, alias, deployment, tag or sighting reaches them. What was deleted for good, and
        uploads that were given up, leave bytes behind; collecting removes those older than a day. Counting first changes nothing.
      </p>
      <p className="actions">
        <button type="button" className="button" disabled={collect.isPending} onClick={() => collect.mutate({ dryRun: true })}>
          {collect.isPending && !asking ? 'Counting…' : 'Count'}
        </button>
        <button
          type="button"
          className="button"
          disabled={report === null || !report.dryRun || found === 0}
          onClick={() => setAsking(true)}
        >
          Collect…
        </button>
      </p>
      {collect.error === null || asking ? null : (
        <p className="failure-line" role="alert">
          {collect.error.message} {collect.error.hint}
        </p>
      )}
      {report !== null && found === 0 ? (
        <p className="note">{report.dryRun ? 'Nothing to collect.' : 'Nothing was left to collect.'}</p>
      ) : null}
      {report === null || found === 0 ? null : (
        <Facts
          rows={[
            [report.dryRun ? 'Would free' : 'Freed', <Bytes key="bytes" value={report.bytes} />],
            ['Manifests that nothing names', formatCount(report.manifests)],
            ['File sets that nothing owns', formatCount(report.fileSets)],
            ['Blobs that nothing names', formatCount(report.blobs)],
            ['Stored objects without a blob', formatCount(report.objects)],
            ['Uploads given up', formatCount(report.uploads)],
          ]}
        />
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Remove what nothing references?"
        confirm="Collect"
        busy={collect.isPending}
        error={collect.error}
        onConfirm={() => collect.mutate({ dryRun: false })}
      >
        <p>
          This removes {counted(report?.blobs ?? 0, 'blob')} and {counted(report?.objects ?? 0, 'object')}, <Bytes value={report?.bytes} />{' '}
          in all, for good. Everything that a version, run or deployment reaches stays.
        </p>
      </Confirm>
    </Section>
  );
}
