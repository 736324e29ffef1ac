'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { HomeQuery } from '../gql/graphql.ts';
import { EVIDENCE_WORDS } from '../logic/evidence.ts';
import { counted } from '../logic/format.ts';
import {
  datasetVersionHref,
  deploymentHref,
  experimentHref,
  modelHref,
  modelVersionHref,
  pathOfMlflowHash,
  runHref,
} from '../logic/links.ts';
import { WithdrawnMark } from '../parts/withdrawn.tsx';
import { Badge, IntegrityBadge, StatusBadge } from '../ui/badge.tsx';
import { Head, Section } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, Loaded, Skeleton, useOrigin } from '../ui/states.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { Code, Hash, Nothing, Time } from '../ui/text.tsx';

const HomeDocument = graphql(`
  query Home {
    deployments(first: 8) {
      totalCount
      nodes {
        id
        environment
        target
        startedAt
        startedBy
        modelVersion {
          version
          digest
          model {
            name
          }
        }
      }
    }
    runs(orderBy: ["attributes.start_time DESC"], first: 10) {
      totalCount
      nodes {
        id
        runId
        name
        status
        startedAt
        experiment {
          experimentId
          name
        }
        withdrawnData {
          label
          reason
        }
        modelVersions {
          id
          version
          model {
            name
          }
        }
      }
    }
    models(first: 6) {
      nodes {
        id
        name
        versionCount
        updatedAt
        latestVersion {
          version
          digest
          createdAt
          aliases
          integrity
        }
      }
    }
    datasets(first: 6) {
      nodes {
        id
        name
        versionCount
        current {
          number
          digest
          createdAt
          integrity
          retraction {
            reason
          }
        }
      }
    }
  }
`);

const VerdictDocument = graphql(`
  query Verdict($id: ID!) {
    traceDeployment(id: $id) {
      verified
      fileCount
      integrity {
        unchecked
        intact
        damaged
        oldestCheckAt
      }
      weakest {
        evidence
      }
      gaps {
        kind
        message
      }
    }
  }
`);

type Deployed = HomeQuery['deployments']['nodes'][number];
type Run = HomeQuery['runs']['nodes'][number];
type Model = HomeQuery['models']['nodes'][number];
type Dataset = HomeQuery['datasets']['nodes'][number];

/** MLflow's clients print addresses whose route stands behind the hash; they all arrive here. */
function useMlflowLinks(): void {
  const router = useRouter();
  useEffect(() => {
    const follow = () => {
      const path = pathOfMlflowHash(window.location.hash);
      if (path !== null && path !== '/') router.replace(path);
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [router]);
}

export function HomeView() {
  useMlflowLinks();
  const query = useData(HomeDocument, {}, { pollMs: () => 15_000 });
  return (
    <>
      <Head title="Home" tabTitle="Home" />
      <div className="page">
        <Loaded query={query} skeleton={<Skeleton rows={12} />}>
          {(data) => {
            const empty = data.deployments.totalCount + data.runs.totalCount + data.models.nodes.length + data.datasets.nodes.length === 0;
            return empty ? <Welcome /> : <Overview data={data} />;
          }}
        </Loaded>
      </div>
    </>
  );
}

/** What the trace of a deployment comes to, in a badge that leads to it. */
export function VerdictBadge({ id }: { id: string }) {
  const { data, error } = useData(VerdictDocument, { id }, { staleMs: 20_000 });
  const trace = data?.traceDeployment;
  if (error !== null) return <Badge title={error.message}>no verdict</Badge>;
  if (trace === undefined) return <Badge>…</Badge>;
  const withdrawn = trace.gaps.filter(({ kind }) => kind === 'RETRACTED_DATA');
  if (withdrawn.length > 0) {
    return (
      <Link href={deploymentHref(id)} className="verdict-link">
        <Badge tone="retracted" dot title={withdrawn.map(({ message }) => message).join('; ')}>
          On withdrawn data
        </Badge>
      </Link>
    );
  }
  const against = [
    trace.integrity.damaged > 0 ? `${counted(trace.integrity.damaged, 'file')} damaged` : null,
    trace.gaps.length > 0 ? counted(trace.gaps.length, 'gap') : null,
    trace.weakest?.evidence === 'ASSERTED' ? 'a step is only asserted' : null,
    trace.integrity.unchecked > 0 ? `${counted(trace.integrity.unchecked, 'file')} unchecked` : null,
  ].filter((each) => each !== null);
  const [first] = against;
  return (
    <Link href={deploymentHref(id)} className="verdict-link">
      <Badge
        tone={trace.verified ? 'ok' : trace.integrity.damaged > 0 ? 'bad' : 'warn'}
        dot
        title={
          trace.verified
            ? `Every step is ${EVIDENCE_WORDS[trace.weakest?.evidence ?? 'MATCHED'].word} or better, and all bytes are intact.`
            : against.join(', ')
        }
      >
        {trace.verified ? `Verified · ${counted(trace.fileCount, 'file')}` : (first ?? 'Not verified')}
      </Badge>
    </Link>
  );
}

const DEPLOYED: readonly Column<Deployed>[] = [
  {
    id: 'place',
    head: 'Where',
    cell: ({ id, environment, target }) => (
      <Link href={deploymentHref(id)}>
        {environment} / {target}
      </Link>
    ),
  },
  {
    id: 'version',
    head: 'Model version',
    kind: 'mono',
    cell: ({ modelVersion: { model, version } }) => (
      <Link href={modelVersionHref(model.name, version)}>
        {model.name} / {version}
      </Link>
    ),
  },
  { id: 'digest', head: 'Digest', cell: ({ modelVersion }) => <Hash value={modelVersion.digest} />, width: 110 },
  { id: 'trace', head: 'Trace', cell: ({ id }) => <VerdictBadge id={id} />, width: 210 },
  { id: 'by', head: 'By', cell: ({ startedBy }) => startedBy, width: 110 },
  { id: 'since', head: 'Since', cell: ({ startedAt }) => <Time at={startedAt} />, width: 110 },
];

const RUNS: readonly Column<Run>[] = [
  {
    id: 'name',
    head: 'Run',
    cell: ({ runId, name, withdrawnData }) => (
      <span className="marked">
        <Link href={runHref(runId)} title={name}>
          {name}
        </Link>
        <WithdrawnMark data={withdrawnData} />
      </span>
    ),
  },
  { id: 'state', head: 'State', cell: ({ status }) => <StatusBadge status={status} />, width: 96 },
  {
    id: 'experiment',
    head: 'Experiment',
    cell: ({ experiment }) => (
      <Link href={experimentHref(experiment.experimentId)} title={experiment.name}>
        {experiment.name}
      </Link>
    ),
  },
  { id: 'started', head: 'Started', cell: ({ startedAt }) => <Time at={startedAt} />, width: 100 },
];

const MODELS: readonly Column<Model>[] = [
  {
    id: 'name',
    head: 'Model',
    cell: ({ name }) => (
      <Link href={modelHref(name)} title={name}>
        {name}
      </Link>
    ),
  },
  {
    id: 'latest',
    head: 'Newest version',
    width: 190,
    cell: ({ name, latestVersion }) =>
      latestVersion ? (
        <span className="badges">
          <Link className="mono" href={modelVersionHref(name, latestVersion.version)}>
            {name} / {latestVersion.version}
          </Link>
          {latestVersion.aliases.slice(0, 1).map((alias) => (
            <Badge key={alias} tone="accent">
              {alias}
            </Badge>
          ))}
        </span>
      ) : (
        <Nothing />
      ),
  },
  { id: 'made', head: 'Registered', cell: ({ latestVersion }) => <Time at={latestVersion?.createdAt} />, width: 100 },
];

const DATASETS: readonly Column<Dataset>[] = [
  {
    id: 'name',
    head: 'Dataset',
    cell: ({ name, current }) =>
      current ? (
        <Link className="mono" href={datasetVersionHref(name, current.number)} title={name}>
          {name}@{current.number}
        </Link>
      ) : (
        name
      ),
  },
  {
    id: 'state',
    head: 'Bytes',
    width: 190,
    cell: ({ current }) =>
      current ? (
        current.retraction ? (
          <Badge tone="retracted" title={current.retraction.reason}>
            withdrawn
          </Badge>
        ) : (
          <IntegrityBadge integrity={current.integrity} />
        )
      ) : (
        <Nothing />
      ),
  },
  { id: 'made', head: 'Registered', cell: ({ current }) => <Time at={current?.createdAt} />, width: 100 },
];

function Overview({ data }: { data: HomeQuery }) {
  return (
    <>
      <Section title="What is deployed" aside={<Link href="/deployments">{counted(data.deployments.totalCount, 'deployment')}</Link>}>
        {data.deployments.nodes.length === 0 ? (
          <p className="note">Nothing is deployed yet. Deploy a model version from its page, and its trace appears here.</p>
        ) : (
          <Table label="What is deployed" columns={DEPLOYED} rows={data.deployments.nodes} keyOf={({ id }) => id} minWidth={880} />
        )}
      </Section>
      <div className="home-grid">
        <Section title="Recent runs" aside={<Link href="/experiments">All experiments</Link>}>
          {data.runs.nodes.length === 0 ? (
            <p className="note">No run yet.</p>
          ) : (
            <Table label="Recent runs" columns={RUNS} rows={data.runs.nodes} keyOf={({ id }) => id} minWidth={420} />
          )}
        </Section>
        <div>
          <Section title="Models" aside={<Link href="/models">All models</Link>}>
            {data.models.nodes.length === 0 ? (
              <p className="note">No model is registered yet. A run’s page can register what it made.</p>
            ) : (
              <Table label="Models" columns={MODELS} rows={data.models.nodes} keyOf={({ id }) => id} minWidth={400} />
            )}
          </Section>
          <Section title="Datasets" aside={<Link href="/datasets">All datasets</Link>}>
            {data.datasets.nodes.length === 0 ? (
              <p className="note">No dataset is registered yet: runs cannot be traced to bytes.</p>
            ) : (
              <Table label="Datasets" columns={DATASETS} rows={data.datasets.nodes} keyOf={({ id }) => id} minWidth={400} />
            )}
          </Section>
        </div>
      </div>
    </>
  );
}

/** The three ways to begin, with this server's own address. */
function Welcome() {
  const origin = useOrigin();
  return (
    <Empty title="Nothing here yet: three ways to begin" wide>
      <p>
        Throughline follows a deployed model back to the exact bytes it was trained on. Whichever way you begin, it appears on this page.
      </p>
      <ul className="ways">
        <li>
          <h3>Point MLflow here</h3>
          <p>Training code that logs to MLflow needs one line, or one variable in its environment.</p>
          <Code
            label="Point MLflow here"
            text={`export MLFLOW_TRACKING_URI=${origin}\n\nimport mlflow\nmlflow.set_experiment("penguins")\nwith mlflow.start_run():\n    mlflow.log_metric("accuracy", 0.93)`}
          />
        </li>
        <li>
          <h3>Run the example</h3>
          <p>From a clone of Throughline: real measurements of penguins become a dataset, two models, a deployment and its trace.</p>
          <Code
            label="Run the example"
            text={`THROUGHLINE_URL=${origin} \\
  node scripts/run.mjs examples/penguins/src/main.ts`}
          />
        </li>
        <li>
          <h3>Ask the API</h3>
          <p>Everything that this page shows comes from one GraphQL API.</p>
          <Code
            label="Ask the API"
            text={`curl ${origin}/graphql \\\n  -H 'content-type: application/json' \\\n  -d '{"query":"{ viewer { name } }"}'`}
          />
          <Link href="/graphql">Open the GraphQL explorer</Link>
        </li>
      </ul>
    </Empty>
  );
}
