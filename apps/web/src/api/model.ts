import { graphql } from '../gql/gql.ts';
import type { ModelPageQuery } from '../gql/graphql.ts';

/** What the page of a registered model shows, but for its versions and their aliases' history. */
export const ModelDocument = graphql(`
  query ModelPage($id: ID!) {
    model(id: $id) {
      id
      ref
      name
      description
      tags {
        key
        value
      }
      createdAt
      updatedAt
      versionCount
      aliases {
        alias
        since
        version {
          id
          version
        }
      }
      latestVersion {
        id
        version
      }
    }
  }
`);

export type ModelDetails = NonNullable<ModelPageQuery['model']>;
