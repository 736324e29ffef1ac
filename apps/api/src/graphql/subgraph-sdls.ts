import { accessTypeDefs } from '@throughline/access';
import { dataVersioningTypeDefs } from '@throughline/data-versioning';
import { withSharedTypes } from '@throughline/graphql';
import { lineageTypeDefs } from '@throughline/lineage';
import { registryTypeDefs } from '@throughline/registry';
import { trackingTypeDefs } from '@throughline/tracking';

import type { SubgraphSdl } from './compose.ts';

/** The contracts of all subgraphs, without resolvers: what composition takes. */
export const subgraphSdls: readonly SubgraphSdl[] = [
  { name: 'access', typeDefs: withSharedTypes(accessTypeDefs) },
  { name: 'tracking', typeDefs: withSharedTypes(trackingTypeDefs) },
  { name: 'registry', typeDefs: withSharedTypes(registryTypeDefs) },
  { name: 'data-versioning', typeDefs: withSharedTypes(dataVersioningTypeDefs) },
  { name: 'lineage', typeDefs: withSharedTypes(lineageTypeDefs) },
];
