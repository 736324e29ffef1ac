import { graphql } from '../gql/gql.ts';
import type { DatasetVersionPageQuery } from '../gql/graphql.ts';

/** What the page of a dataset version shows, but for its files, tables and readers. */
export const DatasetVersionDocument = graphql(`
  query DatasetVersionPage($id: ID!) {
    datasetVersion(id: $id) {
      id
      ref
      number
      digest
      dvcMd5
      message
      tags
      isCurrent
      fileCount
      totalBytes
      integrity
      checkedAt
      createdBy
      createdAt
      dataset {
        id
        name
        versionCount
        current {
          id
          number
        }
        tags {
          name
          version {
            id
          }
        }
      }
      derivedFrom {
        id
        number
        dataset {
          name
        }
        retraction {
          reason
        }
      }
      derivatives {
        id
        number
        dataset {
          name
        }
      }
      producedBy {
        runId
        name
      }
      sightings {
        repository
        path
        commit
        actor
        seenAt
      }
      retraction {
        reason
        actor
        at
      }
    }
  }
`);

export const TagDocument = graphql(`
  mutation TagVersion($version: ID!, $tag: String!) {
    tagDatasetVersion(version: $version, tag: $tag) {
      __typename
      ... on DatasetVersion {
        id
      }
      ...Refusal
    }
  }
`);

export const SetCurrentDocument = graphql(`
  mutation SetCurrentVersion($version: ID!) {
    setCurrentVersion(version: $version) {
      __typename
      ... on Dataset {
        id
        current {
          number
        }
      }
      ...Refusal
    }
  }
`);

export type DatasetVersionDetails = NonNullable<DatasetVersionPageQuery['datasetVersion']>;
