'use client';

import { Fragment } from 'react';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ModelsQuery } from '../gql/graphql.ts';
import { modelHref, modelVersionHref } from '../logic/links.ts';
import { SearchBar } from '../parts/search-bar.tsx';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge } from '../ui/badge.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, useOrigin, useRested } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { More, Table } from '../ui/table.tsx';
import { Code, Nothing, Num, Time } from '../ui/text.tsx';
import { useUrl } from '../ui/use-url.ts';

const ModelsDocument = graphql(`
  query Models($search: String, $after: String) {
    models(search: $search, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        description
        versionCount
        updatedAt
        aliases {
          alias
          version {
            version
            withdrawnData {
              label
              reason
            }
          }
        }
        latestVersion {
          version
          withdrawnData {
            label
            reason
          }
        }
      }
    }
  }
`);

type Model = ModelsQuery['models']['nodes'][number];

const COLUMNS: readonly Column<Model>[] = [
  {
    id: 'name',
    head: 'Name',
    width: 240,
    cell: ({ name }) => (
      <Link href={modelHref(name)} title={name}>
        {name}
      </Link>
    ),
  },
  {
    id: 'aliases',
    head: 'Aliases',
    cell: ({ name, aliases }) =>
      aliases.length === 0 ? (
        <Nothing />
      ) : (
        <span className="badges">
          {aliases.map(({ alias, version }) => (
            <Fragment key={alias}>
              <Link href={modelVersionHref(name, version.version)}>
                <Badge tone="accent">
                  {alias} = {version.version}
                </Badge>
              </Link>
              <WithdrawnMark data={version.withdrawnData} />
            </Fragment>
          ))}
        </span>
      ),
  },
  {
    id: 'latest',
    head: 'Newest',
    kind: 'mono',
    width: 180,
    cell: ({ name, latestVersion }) =>
      latestVersion ? (
        <span className="badges">
          <Link href={modelVersionHref(name, latestVersion.version)}>
            {name} / {latestVersion.version}
          </Link>
          <WithdrawnMark data={latestVersion.withdrawnData} />
        </span>
      ) : (
        <Nothing />
      ),
  },
  { id: 'versions', head: 'Versions', cell: ({ versionCount }) => <Num value={versionCount} />, kind: 'number', width: 80 },
  { id: 'changed', head: 'Changed', cell: ({ updatedAt }) => <Time at={updatedAt} />, width: 110 },
  { id: 'for', head: 'What for', cell: ({ description }) => <span title={description}>{description}</span> },
];

export function ModelsView() {
  const url = useUrl();
  const origin = useOrigin();
  const search = useRested((url.get('q') ?? '').trim());
  const query = usePages(ModelsDocument, { search: search === '' ? null : search, after: null }, (data) => data.models, { keep: true });
  return (
    <>
      <Head title="Models" />
      <SearchBar label="Models by name" />
      <div className="page">
        <Loaded query={query}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.models.nodes);
            if (rows.length === 0) {
              return search === '' ? (
                <Empty title="No models yet">
                  <p>
                    A registered model is a name with versions; each version’s files are frozen and have a digest. Register one from a run’s
                    page, or in code:
                  </p>
                  <Code
                    label="Register a model"
                    text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.sklearn.log_model(model, name="model", registered_model_name="penguins")`}
                  />
                </Empty>
              ) : (
                <Empty title={`No model’s name contains ${search}`} />
              );
            }
            return (
              <>
                <Table label="Models" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} minWidth={820} />
                <More query={query} shown={rows.length} total={pages[0]?.models.totalCount} noun="models" />
              </>
            );
          }}
        </Loaded>
      </div>
    </>
  );
}
