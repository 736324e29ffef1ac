import { graphql } from '../gql/gql.ts';
import type { ModelVersionPageQuery } from '../gql/graphql.ts';

/** What the page of a model version shows, but for its files. */
export const ModelVersionDocument = graphql(`
  query ModelVersionPage($id: ID!) {
    modelVersion(id: $id) {
      id
      ref
      version
      description
      aliases
      stage
      source
      digest
      noDigestReason
      fileCount
      totalBytes
      integrity
      runEvidence
      createdBy
      createdAt
      tags {
        key
        value
      }
      model {
        id
        name
      }
      run {
        runId
        name
      }
      loggedModel {
        modelId
        name
      }
      copiedFrom {
        version
        model {
          name
        }
      }
      deployments(first: 50) {
        nodes {
          id
          environment
          target
          isLive
          startedAt
          startedBy
          endedAt
        }
      }
    }
  }
`);

export type ModelVersionDetails = NonNullable<ModelVersionPageQuery['modelVersion']>;
