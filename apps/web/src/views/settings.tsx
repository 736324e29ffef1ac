'use client';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { Storage } from '../parts/storage.tsx';
import { SCOPES, Tokens } from '../parts/tokens.tsx';
import { Trash } from '../parts/trash.tsx';
import { Webhooks } from '../parts/webhooks.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Loaded, useOrigin } from '../ui/states.tsx';
import { Code, Facts } from '../ui/text.tsx';

const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      name
      scope
      isLocal
      workspace {
        name
      }
    }
  }
`);

const TABS = [
  { id: 'connect', label: 'Connect' },
  { id: 'tokens', label: 'Tokens' },
  { id: 'webhooks', label: 'Webhooks' },
  { id: 'storage', label: 'Storage' },
  { id: 'trash', label: 'Trash' },
] as const;

export function SettingsView() {
  const tab = useTab(TABS);
  const query = useData(ViewerDocument, {}, { staleMs: 30_000 });
  const viewer = query.data?.viewer;
  return (
    <>
      <Head
        title="Settings"
        facts={
          viewer === undefined ? undefined : (
            <>
              {viewer.name} in {viewer.workspace.name} · <span title={SCOPES[viewer.scope]}>{viewer.scope.toLowerCase()}</span>
            </>
          )
        }
        actions={viewer === undefined || viewer.isLocal ? undefined : <SignOut />}
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      <div className="page">
        {tab === 'connect' ? <Loaded query={query}>{({ viewer: { isLocal } }) => <Connect isLocal={isLocal} />}</Loaded> : null}
        {tab === 'tokens' ? <Tokens /> : null}
        {tab === 'webhooks' ? <Webhooks /> : null}
        {tab === 'storage' ? <Storage /> : null}
        {tab === 'trash' ? <Loaded query={query}>{({ viewer: { scope } }) => <Trash mayPurge={scope === 'ADMIN'} />}</Loaded> : null}
      </div>
    </>
  );
}

function SignOut() {
  const leave = async () => {
    await fetch('/api/v1/session', { method: 'DELETE', credentials: 'same-origin' });
    window.location.assign('/sign-in');
  };
  return (
    <button type="button" className="button" onClick={() => void leave()}>
      Sign out
    </button>
  );
}

function Connect({ isLocal }: { isLocal: boolean }) {
  const origin = useOrigin();
  return (
    <div className="columns">
      <div>
        <Section title="Point MLflow here">
          <Code
            label="Variables for MLflow’s client"
            text={`export MLFLOW_TRACKING_URI=${origin}${isLocal ? '' : '\nexport MLFLOW_TRACKING_TOKEN=tl_…'}`}
          />
          <p className="note">
            {isLocal
              ? 'This server listens on this machine only and needs no token. Every call is the local user’s.'
              : 'Make a token under Tokens. MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD work too: any name, with the token as the password.'}
          </p>
        </Section>
        <Section title="Or in code">
          <Code
            label="Log from Python"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmlflow.set_experiment("penguins")\nmlflow.autolog()\nwith mlflow.start_run():\n    ...`}
          />
        </Section>
      </div>
      <div>
        <Section title="Ask the API">
          <Facts
            rows={[
              [
                'GraphQL',
                <a key="graphql" className="mono" href="/graphql">
                  {origin}/graphql
                </a>,
              ],
              [
                'MLflow’s protocol',
                <span key="mlflow" className="mono">
                  {origin}/api/2.0/mlflow/…
                </span>,
              ],
              [
                'Files by hash',
                <span key="files" className="mono">
                  {origin}/api/v1/files/SHA256
                </span>,
              ],
              [
                'Files of a dataset',
                <span key="data" className="mono">
                  {origin}/api/v1/datasets/NAME/versions/1/files/PATH
                </span>,
              ],
            ]}
          />
        </Section>
      </div>
    </div>
  );
}
