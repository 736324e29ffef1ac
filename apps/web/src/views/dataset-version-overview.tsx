'use client';

import { Fragment } from 'react';

import { TagDocument } from '../api/dataset-version.ts';
import type { DatasetVersionDetails } from '../api/dataset-version.ts';
import { act, useAct } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { datasetVersionHref, runHref } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { useOrigin } from '../ui/states.tsx';
import { Code, Copy, Facts, Time } from '../ui/text.tsx';

const UntagDocument = graphql(`
  mutation Untag($dataset: ID!, $tag: String!) {
    untagDataset(dataset: $dataset, tag: $tag) {
      __typename
      ... on Dataset {
        id
      }
      ...Refusal
    }
  }
`);

/** What is known of a version: its digests, what it was made from, its tags, and where Git has it. */
export function DatasetVersionOverview({ version }: { version: DatasetVersionDetails }) {
  const origin = useOrigin();
  const { dataset } = version;
  const untag = useAct(UntagDocument, {
    done: (_, { tag }) => ({ text: `The tag ${tag} is gone.`, undo: { run: () => act(TagDocument, { version: version.id, tag }) } }),
  });
  const own = dataset.tags.filter((tag) => tag.version.id === version.id);
  const first = `${origin}/api/v1/datasets/${encodeURIComponent(dataset.name)}/versions/${version.number}/files/`;
  return (
    <div className="page columns">
      <div>
        <Section title="Version">
          <Facts
            rows={[
              version.message === '' ? null : ['What changed', version.message],
              [
                'Digest',
                <span key="digest" className="mono break">
                  sha256:{version.digest} <Copy text={version.digest} label="Copy the digest" />
                </span>,
              ],
              [
                'DVC’s name',
                <span key="md5" className="mono">
                  {version.dvcMd5}
                </span>,
              ],
              ['Checked', version.checkedAt ? <Time key="checked" at={version.checkedAt} /> : 'not every file yet'],
              [
                'Made from',
                version.derivedFrom.length === 0 ? (
                  'nothing recorded'
                ) : (
                  <span key="from" className="badges">
                    {version.derivedFrom.map((each) => (
                      <Fragment key={each.id}>
                        <Link className="mono" href={datasetVersionHref(each.dataset.name, each.number)}>
                          {each.dataset.name}@{each.number}
                        </Link>
                        {each.retraction ? (
                          <Badge tone="retracted" title={each.retraction.reason}>
                            withdrawn
                          </Badge>
                        ) : null}
                      </Fragment>
                    ))}
                  </span>
                ),
              ],
              version.producedBy
                ? [
                    'Made by',
                    <Link key="run" href={runHref(version.producedBy.runId)}>
                      {version.producedBy.name}
                    </Link>,
                  ]
                : null,
              version.derivatives.length === 0
                ? null
                : [
                    'Made into',
                    <span key="into" className="badges">
                      {version.derivatives.map((each) => (
                        <Link key={each.id} className="mono" href={datasetVersionHref(each.dataset.name, each.number)}>
                          {each.dataset.name}@{each.number}
                        </Link>
                      ))}
                    </span>,
                  ],
            ]}
          />
        </Section>
        <Section title="Read it in a run">
          <Code
            label="Read this version in a run"
            text={`import mlflow, pandas\nsource = "${first}PATH"\nframe = pandas.read_csv(source)\nmlflow.log_input(mlflow.data.from_pandas(frame, source=source, name=${JSON.stringify(dataset.name)}), context="training")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Tags" aside={String(own.length)}>
          {own.length === 0 ? (
            <p className="note">None. A tag is a name that can move from version to version, such as holdout.</p>
          ) : (
            <ul className="lines">
              {own.map(({ name }) => (
                <li key={name}>
                  <Badge tone="accent">{name}</Badge>
                  <button type="button" className="button small" onClick={() => untag.mutate({ dataset: dataset.id, tag: name })}>
                    Take away
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Seen in Git" aside={String(version.sightings.length)}>
          {version.sightings.length === 0 ? (
            <p className="note">Nowhere yet.</p>
          ) : (
            <ul className="lines">
              {version.sightings.map(({ repository, path, commit, seenAt, actor }) => (
                <li key={`${repository} ${path} ${commit}`}>
                  <span className="mono" title={`${repository} ${path}`}>
                    {repository.replace(/^\w+:\/\//, '')} {path}@{commit.slice(0, 7)}
                  </span>
                  <span className="quiet" title={`by ${actor}`}>
                    <Time at={seenAt} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
    </div>
  );
}
