import { graphql } from '../gql/gql.ts';
import type { RunPageQuery } from '../gql/graphql.ts';

/** What the page of a run shows, but for its curves and files. */
export const RunDocument = graphql(`
  query RunPage($id: ID!) {
    run(id: $id) {
      id
      ref
      runId
      name
      status
      lifecycle
      experiment {
        experimentId
        name
      }
      parent {
        runId
        name
      }
      children(first: 50) {
        totalCount
        nodes {
          id
          runId
          name
          status
        }
      }
      user
      startedAt
      endedAt
      durationMs
      params {
        key
        value
      }
      metrics {
        key
        value
        step
        timestamp
        min
        max
      }
      pointCount
      tags {
        key
        value
      }
      inputs {
        id
        name
        digest
        sourceType
        source
        schema
        context
        evidence
        resolvedBy
        datasetVersion {
          id
          number
          integrity
          checkedAt
          retraction {
            reason
          }
          dataset {
            name
          }
        }
      }
      producedDatasets {
        id
        number
        digest
        dataset {
          name
        }
      }
      loggedModels {
        id
        modelId
        name
        modelType
        status
        createdAt
        modelVersions {
          id
        }
      }
      modelVersions {
        id
        version
        digest
        aliases
        integrity
        model {
          name
        }
      }
      artifactUri
      commit
      source
    }
  }
`);

export type RunDetails = NonNullable<RunPageQuery['run']>;
