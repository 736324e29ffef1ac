'use client';

import 'graphiql/setup-workers/webpack';
import 'graphiql/style.css';

import type { ComponentProps } from 'react';
import { GraphiQL } from 'graphiql';

type Fetcher = ComponentProps<typeof GraphiQL>['fetcher'];

const fetcher: Fetcher = async (params, options) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...options?.headers },
    credentials: 'same-origin',
    body: JSON.stringify(params),
  });
  const answer: unknown = await response.json();
  return answer as Awaited<ReturnType<Fetcher>>;
};

const FIRST_QUERY = `# What is deployed, and what it stands on.
query Deployed {
  deployments(first: 5) {
    nodes {
      ref
      modelVersion {
        ref
        run {
          ref
          inputs {
            name
            evidence
            datasetVersion { ref digest integrity }
          }
        }
      }
    }
  }
}
`;

/** GraphiQL over this server's own API. */
export function Explorer() {
  return (
    <div className="explorer">
      <title>GraphQL · Throughline</title>
      <GraphiQL
        fetcher={fetcher}
        defaultQuery={FIRST_QUERY}
        forcedTheme={document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light'}
      />
    </div>
  );
}
