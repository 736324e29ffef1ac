import { graphql } from '../gql/gql.ts';
import type { ExperimentRunsQuery } from '../gql/graphql.ts';

/** A page of an experiment's runs, with the metrics and params of the table's columns. */
export const RunsDocument = graphql(`
  query ExperimentRuns(
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
      runs(filter: $filter, orderBy: $orderBy, view: $view, first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          runId
          name
          status
          lifecycle
          user
          startedAt
          durationMs
          metrics(keys: $metrics) {
            key
            value
            step
            min
            max
          }
          params(keys: $params) {
            key
            value
          }
          inputs {
            id
            name
            datasetVersion {
              id
              number
              dataset {
                name
              }
            }
          }
          withdrawnData {
            label
            reason
          }
          modelVersions {
            id
            version
            aliases
            model {
              name
            }
          }
        }
      }
    }
  }
`);

/** A row of the table of runs. */
export type RunRow = NonNullable<ExperimentRunsQuery['experiment']>['runs']['nodes'][number];
