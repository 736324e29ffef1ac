import { graphql } from '../gql/gql.ts';

export const DeleteRunDocument = graphql(`
  mutation DeleteRun($id: ID!) {
    deleteRun(id: $id) {
      __typename
      ... on Run {
        id
      }
      ...Refusal
    }
  }
`);

export const RestoreRunDocument = graphql(`
  mutation RestoreRun($id: ID!) {
    restoreRun(id: $id) {
      __typename
      ... on Run {
        id
      }
      ...Refusal
    }
  }
`);

export const TagRunDocument = graphql(`
  mutation TagRun($id: ID!, $tags: [TagInput!]!) {
    logBatch(run: $id, tags: $tags) {
      __typename
      ... on Run {
        id
      }
      ...Refusal
    }
  }
`);

export const UntagRunDocument = graphql(`
  mutation UntagRun($id: ID!, $key: String!) {
    deleteRunTag(run: $id, key: $key) {
      __typename
      ... on Run {
        id
      }
      ...Refusal
    }
  }
`);
