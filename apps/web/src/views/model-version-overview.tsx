'use client';

import type { ModelVersionDetails } from '../api/model-version.ts';
import { counted } from '../logic/format.ts';
import { deploymentHref, loggedModelHref, modelVersionHref, runHref } from '../logic/links.ts';
import { Badge, EvidenceMark } from '../ui/badge.tsx';
import { Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { useOrigin } from '../ui/states.tsx';
import { Bytes, Code, Copy, Facts, Time } from '../ui/text.tsx';

export function ModelVersionOverview({ version }: { version: ModelVersionDetails }) {
  const origin = useOrigin();
  return (
    <div className="page columns">
      <div>
        <Section title="Version">
          <Facts
            rows={[
              version.description === '' ? null : ['About', version.description],
              [
                'Digest',
                version.digest ? (
                  <span key="digest" className="mono break">
                    sha256:{version.digest} <Copy text={version.digest} label="Copy the digest" />
                  </span>
                ) : (
                  <Badge key="none" tone="warn">
                    none: {version.noDigestReason ?? 'its files are elsewhere'}
                  </Badge>
                ),
              ],
              [
                'Files',
                version.fileCount === 0 ? (
                  'none here'
                ) : (
                  <span key="files">
                    {counted(version.fileCount, 'file')}, <Bytes value={version.totalBytes} />
                  </span>
                ),
              ],
              [
                'Source',
                <span key="source" className="mono">
                  {version.source === '' ? '–' : version.source}
                </span>,
              ],
              [
                'Run',
                version.run ? (
                  <span key="run" className="badges">
                    <Link href={runHref(version.run.runId)}>{version.run.name}</Link>
                    <EvidenceMark evidence={version.runEvidence} />
                  </span>
                ) : (
                  'not known'
                ),
              ],
              version.loggedModel
                ? [
                    'Logged model',
                    <Link key="logged" href={loggedModelHref(version.loggedModel.modelId)}>
                      {version.loggedModel.name}
                    </Link>,
                  ]
                : null,
              version.copiedFrom
                ? [
                    'Copied from',
                    <Link key="copied" href={modelVersionHref(version.copiedFrom.model.name, version.copiedFrom.version)}>
                      {version.copiedFrom.model.name} / {version.copiedFrom.version}
                    </Link>,
                  ]
                : null,
              [
                'Registered',
                <span key="made">
                  <Time at={version.createdAt} /> by {version.createdBy}
                </span>,
              ],
            ]}
          />
        </Section>
        <Section title="Load it">
          <Code
            label="Load this version"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmodel = mlflow.pyfunc.load_model("models:/${version.model.name}${version.aliases[0] ? `@${version.aliases[0]}` : `/${version.version}`}")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Where it is live">
          <LiveAt version={version} />
        </Section>
        <Section title="Tags" aside={String(version.tags.length)}>
          {version.tags.length === 0 ? (
            <p className="note">None yet.</p>
          ) : (
            <Facts rows={version.tags.map(({ key, value }) => [key, value] as const)} />
          )}
        </Section>
      </div>
    </div>
  );
}

function LiveAt({ version }: { version: ModelVersionDetails }) {
  const live = version.deployments.nodes.filter(({ isLive }) => isLive);
  if (live.length === 0) return <p className="note">Nowhere. “Deploy” pins it to a target by its digest.</p>;
  return (
    <ul className="lines">
      {live.map(({ id, environment, target, startedAt, startedBy }) => (
        <li key={id}>
          <Link href={deploymentHref(id)}>
            {environment} / {target}
          </Link>
          <span className="quiet">
            {startedBy} · <Time at={startedAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
