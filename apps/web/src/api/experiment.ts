import { graphql } from '../gql/gql.ts';
import type { ExperimentPageQuery } from '../gql/graphql.ts';

/** What the page of an experiment shows, but for its runs. */
export const ExperimentDocument = graphql(`
  query ExperimentPage($id: ID!) {
    experiment(id: $id) {
      id
      ref
      experimentId
      name
      artifactLocation
      lifecycle
      tags {
        key
        value
      }
      createdAt
      updatedAt
      runCount
      metricKeys
      paramKeys
    }
  }
`);

export type ExperimentDetails = NonNullable<ExperimentPageQuery['experiment']>;
