// Lint: types are known to the rules, and the rooms of the house are walls. Nothing is grandfathered: a rule holds everywhere or is not here.

import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Who may import whom. A project without a tag may import nothing; domains never import domains. */
const WALLS = [
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: ['type:domain', 'type:content', 'type:adapter', 'type:kernel', 'type:web'],
  },
  { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:content', 'type:adapter', 'type:kernel'] },
  { sourceTag: 'type:content', onlyDependOnLibsWithTags: ['type:adapter', 'type:kernel'] },
  { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:kernel'] },
  { sourceTag: 'type:kernel', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:web', onlyDependOnLibsWithTags: [] },
  // What others install, and what tries the server from outside, stands alone.
  { sourceTag: 'type:example', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:client', onlyDependOnLibsWithTags: [] },
];

/** ESLint's own rules that find mistakes; the type-aware ones stand below. */
const MISTAKES = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-cond-assign': 'error',
  'no-constant-binary-expression': 'error',
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-irregular-whitespace': 'error',
  'no-loss-of-precision': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-sparse-arrays': 'error',
  'no-template-curly-in-string': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'use-isnan': 'error',
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/out-tsc',
      '**/.next',
      '**/.nx',
      '**/.throughline',
      '**/test-results',
      '**/next-env.d.ts',
      'libs/database/src/generated',
      'apps/web/src/gql',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
    rules: { ...MISTAKES, 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      ...MISTAKES,
      '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints: WALLS }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // [...text] is how JavaScript counts code points.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // What a driver threw passes on as it is, where it is nothing that we know.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowRethrowing: true }],
      // Ports are promises whether or not an adapter has to wait.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A type parameter that is named once can still say what a caller gets back: sql<Row>().
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    // The environment has one reader; everything else is told.
    files: ['apps/api/src/**/*.ts', 'apps/cli/src/**/*.ts', 'libs/*/src/**/*.ts', 'libs/data-versioning/core/**/*.ts'],
    ignores: [
      'apps/api/src/main.ts',
      'apps/api/src/config.ts',
      'libs/client/src/settings.ts',
      'apps/api/src/cli/**',
      'apps/cli/src/settings.ts',
      'libs/*/src/cli/**',
      '**/*.test.ts',
      '**/*test*.ts',
      '**/embedded.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message:
            'apps/api/src/config.ts (apps/cli/src/settings.ts, libs/client/src/settings.ts) reads the environment and passes on what it says.',
        },
      ],
    },
  },
  {
    // The core runs on people's own machines: it knows the formats and the disk, and nothing of the server.
    files: ['libs/data-versioning/core/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['graphql', '@throughline/database', '@throughline/object-store', '@throughline/content', '@throughline/graphql'],
          patterns: ['**/src/**'],
        },
      ],
    },
  },
  {
    files: ['apps/web/**/*.ts', 'apps/web/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    // Configurations belong to no TypeScript project; they are short, and run by their tools at once.
    files: ['**/*.config.ts', 'vitest.base.ts', 'apps/web/codegen.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    // They share vitest.base.ts, which stands in no project.
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
