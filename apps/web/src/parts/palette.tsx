'use client';

import { Command } from 'cmdk';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { datasetHref, deploymentHref, experimentHref, hrefOfRef, modelHref, runHref } from '../logic/links.ts';
import { quoted } from '../logic/url-state.ts';
import { DatasetIcon, DeploymentIcon, ExperimentIcon, LineageIcon, ModelIcon } from '../ui/icons.tsx';
import { useRested } from '../ui/states.tsx';

const SearchDocument = graphql(`
  query Search($text: String!, $runs: String!, $experiments: String!) {
    experiments(filter: $experiments, first: 5) {
      nodes {
        experimentId
        name
        runCount
      }
    }
    runs(filter: $runs, first: 6) {
      nodes {
        runId
        name
        experiment {
          name
        }
      }
    }
    models(search: $text, first: 5) {
      nodes {
        name
        versionCount
      }
    }
    datasets(search: $text, first: 5) {
      nodes {
        name
        versionCount
      }
    }
    deployments(first: 50) {
      nodes {
        id
        environment
        target
        modelVersion {
          version
          model {
            name
          }
        }
      }
    }
  }
`);

const PAGES: readonly (readonly [label: string, href: string])[] = [
  ['Home', '/'],
  ['Experiments', '/experiments'],
  ['Datasets', '/datasets'],
  ['Models', '/models'],
  ['Deployments', '/deployments'],
  ['Lineage', '/lineage'],
  ['Settings', '/settings'],
  ['GraphQL explorer', '/graphql'],
];

/** MLflow's grammar for "the name contains this"; an impossible name where the text cannot be quoted. */
function contains(attribute: string, text: string): string {
  const pattern = quoted(`%${text}%`) ?? "''";
  return `${attribute} ILIKE ${pattern}`;
}

/** Ctrl/Cmd-K: find anything by its name, paste a reference or a run's id, or go to a page. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const asked = useRested(text.trim(), 140);
  const { data, isFetching } = useData(
    SearchDocument,
    { text: asked, runs: contains('attributes.run_name', asked), experiments: contains('name', asked) },
    { enabled: open && asked.length > 0, keep: true },
  );

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        onOpenChange(!open);
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [open, onOpenChange]);

  const go = (href: string) => {
    onOpenChange(false);
    setText('');
    router.push(href);
  };
  const typed = text.trim();
  const pages = PAGES.filter(([label]) => label.toLowerCase().includes(typed.toLowerCase()));
  const direct =
    hrefOfRef(typed) ?? (/^[0-9a-f]{32}$/.test(typed) ? runHref(typed) : /^m-[0-9a-f]{32}$/.test(typed) ? `/logged-models/${typed}` : null);
  const found = asked.length > 0 ? data : undefined;
  const deployments = found?.deployments.nodes.filter(({ environment, target }) =>
    `${environment} / ${target}`.toLowerCase().includes(asked.toLowerCase()),
  );
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Search"
      shouldFilter={false}
      overlayClassName="overlay"
      contentClassName="palette"
      loop
    >
      <Command.Input value={text} onValueChange={setText} placeholder="A name, a reference such as model:penguins/3, or a run’s id" />
      <Command.List>
        {direct === null ? null : (
          <Command.Group heading="Go to">
            <Item value={`direct ${direct}`} onSelect={() => go(direct)} label={typed} aside="this reference" mono />
          </Command.Group>
        )}
        {found === undefined || found.experiments.nodes.length === 0 ? null : (
          <Command.Group heading="Experiments">
            {found.experiments.nodes.map(({ experimentId, name, runCount }) => (
              <Item
                key={experimentId}
                value={`experiment ${experimentId}`}
                icon={<ExperimentIcon />}
                label={name}
                aside={`${runCount.toLocaleString('en')} runs`}
                onSelect={() => go(experimentHref(experimentId))}
              />
            ))}
          </Command.Group>
        )}
        {found === undefined || found.runs.nodes.length === 0 ? null : (
          <Command.Group heading="Runs">
            {found.runs.nodes.map(({ runId, name, experiment }) => (
              <Item
                key={runId}
                value={`run ${runId}`}
                icon={<LineageIcon />}
                label={name}
                aside={experiment.name}
                onSelect={() => go(runHref(runId))}
              />
            ))}
          </Command.Group>
        )}
        {found === undefined || found.models.nodes.length === 0 ? null : (
          <Command.Group heading="Models">
            {found.models.nodes.map(({ name, versionCount }) => (
              <Item
                key={name}
                value={`model ${name}`}
                icon={<ModelIcon />}
                label={name}
                aside={`${versionCount} versions`}
                onSelect={() => go(modelHref(name))}
              />
            ))}
          </Command.Group>
        )}
        {found === undefined || found.datasets.nodes.length === 0 ? null : (
          <Command.Group heading="Datasets">
            {found.datasets.nodes.map(({ name, versionCount }) => (
              <Item
                key={name}
                value={`dataset ${name}`}
                icon={<DatasetIcon />}
                label={name}
                aside={`${versionCount} versions`}
                onSelect={() => go(datasetHref(name))}
              />
            ))}
          </Command.Group>
        )}
        {deployments === undefined || deployments.length === 0 ? null : (
          <Command.Group heading="Deployments">
            {deployments.map(({ id, environment, target, modelVersion }) => (
              <Item
                key={id}
                value={`deployment ${id}`}
                icon={<DeploymentIcon />}
                label={`${environment} / ${target}`}
                aside={`${modelVersion.model.name} / ${modelVersion.version}`}
                onSelect={() => go(deploymentHref(id))}
              />
            ))}
          </Command.Group>
        )}
        {pages.length === 0 ? null : (
          <Command.Group heading="Pages">
            {pages.map(([label, href]) => (
              <Item key={href} value={`page ${href}`} label={label} onSelect={() => go(href)} />
            ))}
          </Command.Group>
        )}
        <Command.Empty>{isFetching || asked !== typed ? 'Looking…' : `Nothing is called ${typed}.`}</Command.Empty>
      </Command.List>
    </Command.Dialog>
  );
}

function Item({
  value,
  label,
  aside,
  icon,
  mono = false,
  onSelect,
}: {
  value: string;
  label: string;
  aside?: string;
  icon?: React.ReactNode;
  mono?: boolean;
  onSelect: () => void;
}) {
  return (
    <Command.Item value={value} onSelect={onSelect}>
      {icon}
      <span className={mono ? 'mono' : undefined}>{label}</span>
      {aside === undefined ? null : <small>{aside}</small>}
    </Command.Item>
  );
}
