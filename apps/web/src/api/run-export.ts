// A table of runs as a file: what the table shows, of all runs that match and not only of those that were loaded.

import { graphql } from '../gql/gql.ts';
import type { ExportedRunsQuery, ExportedRunsQueryVariables } from '../gql/graphql.ts';
import { csvOf } from '../logic/csv.ts';
import { request } from './client.ts';

const ExportDocument = graphql(`
  query ExportedRuns(
    $id: ID!
    $filter: String
    $orderBy: [String!]
    $view: LifecycleView
    $metrics: [String!]
    $params: [String!]
    $after: String
  ) {
    experiment(id: $id) {
      id
      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 500, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          runId
          name
          status
          user
          startedAt
          durationMs
          metrics(keys: $metrics) {
            key
            value
          }
          params(keys: $params) {
            key
            value
          }
          inputs {
            name
            datasetVersion {
              number
              dataset {
                name
              }
            }
          }
        }
      }
    }
  }
`);

type Run = NonNullable<ExportedRunsQuery['experiment']>['runs']['nodes'][number];

/** More are better asked of the API. */
export const MOST_EXPORTED = 20_000;

export interface RunExport {
  csv: string;
  runCount: number;
  /** Whether there were more than 20,000. */
  isCut: boolean;
}

/** All runs that match, a line each, the newest page of 500 after the other. Throws an ApiError. */
export async function exportRuns(
  asked: Omit<ExportedRunsQueryVariables, 'after' | 'metrics' | 'params'> & { metrics: readonly string[]; params: readonly string[] },
): Promise<RunExport> {
  const runs: Run[] = [];
  for (let after: string | null = null; ;) {
    const page: ExportedRunsQuery['experiment'] = (await request(ExportDocument, { ...asked, after })).experiment;
    runs.push(...(page?.runs.nodes ?? []));
    after = page?.runs.pageInfo.endCursor ?? null;
    const isMore = page?.runs.pageInfo.hasNextPage === true && after !== null;
    if (!isMore || runs.length >= MOST_EXPORTED)
      return { csv: csvOf([headOf(asked), ...runs.map(lineOf(asked))]), runCount: runs.length, isCut: isMore };
  }
}

interface Keys {
  metrics: readonly string[];
  params: readonly string[];
}

function headOf({ metrics, params }: Keys): string[] {
  const fixed = ['run_id', 'name', 'status', 'user', 'started', 'duration_ms', 'data'];
  return [...fixed, ...metrics.map((key) => `metrics.${key}`), ...params.map((key) => `params.${key}`)];
}

function lineOf({ metrics, params }: Keys): (run: Run) => string[] {
  return (run) => {
    const data = run.inputs.map(({ name, datasetVersion }) =>
      datasetVersion ? `${datasetVersion.dataset.name}@${datasetVersion.number}` : name,
    );
    const metricOf = new Map(run.metrics.map(({ key, value }) => [key, String(value)]));
    const paramOf = new Map(run.params.map(({ key, value }) => [key, value]));
    return [
      run.runId,
      run.name,
      run.status,
      run.user,
      run.startedAt ?? '',
      run.durationMs ?? '',
      data.join(' '),
      ...metrics.map((key) => metricOf.get(key) ?? ''),
      ...params.map((key) => paramOf.get(key) ?? ''),
    ];
  };
}
