// Typed documents for every `graphql(...)` in src, from the committed public schema. `graphql-codegen --check` fails where they are stale.

import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../api/src/graphql/schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/gql/**'],
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
        immutableTypes: true,
        skipTypename: true,
        strictScalars: true,
        defaultScalarType: 'unknown',
        scalars: {
          BigInt: 'string',
          DateTime: 'string',
          JSON: 'unknown',
          MetricValue: 'number | string',
          MetricValues: 'readonly (number | string)[]',
          WholeNumbers: 'readonly number[]',
        },
      },
    },
  },
};

export default config;
