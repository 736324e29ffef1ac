'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { ModelDocument } from '../api/model.ts';
import type { ModelDetails } from '../api/model.ts';
import { graphql } from '../gql/gql.ts';
import { counted } from '../logic/format.ts';
import { modelHref, modelVersionHref, refs } from '../logic/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Confirm, Dialog, DialogForm, Field, fieldOf } from '../ui/dialog.tsx';
import { Head, Section, Tabs, useTab } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton, useOrigin } from '../ui/states.tsx';
import { Code, Facts, Time } from '../ui/text.tsx';
import { ModelHistory } from './model-history.tsx';
import { ModelVersions } from './model-versions.tsx';

const UpdateDocument = graphql(`
  mutation UpdateModel($id: ID!, $name: String, $description: String) {
    updateModel(id: $id, name: $name, description: $description) {
      __typename
      ... on RegisteredModel {
        id
        name
      }
      ...Refusal
    }
  }
`);

const DeleteDocument = graphql(`
  mutation DeleteModel($id: ID!) {
    deleteModel(id: $id) {
      __typename
      ... on RegisteredModel {
        id
      }
      ...Refusal
    }
  }
`);

const TABS = [
  { id: 'versions', label: 'Versions' },
  { id: 'history', label: 'Alias history' },
  { id: 'about', label: 'About' },
] as const;

export function ModelView({ name }: { name: string }) {
  const query = useData(ModelDocument, { id: refs.model(name) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head crumbs={[{ label: 'Models', href: '/models' }]} title={name}>
            <div className="tabs" />
          </Head>
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ model }) => (model ? <Page model={model} /> : <Missing what="model" name={name} />)}
    </Loaded>
  );
}

type Open = 'edit' | 'delete' | null;

function Page({ model }: { model: ModelDetails }) {
  const router = useRouter();
  const tab = useTab(TABS);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const update = useAct(UpdateDocument, {
    failure: 'shown',
    done: () => ({ text: 'Saved.' }),
    then: ({ updateModel }) => {
      close();
      if (updateModel.__typename === 'RegisteredModel' && updateModel.name !== model.name) router.replace(modelHref(updateModel.name));
    },
  });
  const remove = useAct(DeleteDocument, {
    failure: 'shown',
    done: () => ({ text: `${model.name} is deleted.` }),
    then: () => router.push('/models'),
  });
  return (
    <>
      <Head
        crumbs={[{ label: 'Models', href: '/models' }]}
        title={model.name}
        badges={
          <>
            <Badge>{counted(model.versionCount, 'version')}</Badge>
            {model.aliases.map(({ alias, version }) => (
              <Link key={alias} href={modelVersionHref(model.name, version.version)}>
                <Badge tone="accent">
                  {alias} = {version.version}
                </Badge>
              </Link>
            ))}
          </>
        }
        reference={model.ref}
        facts={
          <>
            changed <Time at={model.updatedAt} />
          </>
        }
        actions={
          <Menu
            label="More"
            items={[
              { label: 'Rename or describe…', onSelect: () => setOpen('edit') },
              { label: 'Delete model…', danger: true, onSelect: () => setOpen('delete') },
            ]}
          />
        }
      >
        <Tabs tabs={TABS} current={tab} />
      </Head>
      {tab === 'versions' ? <ModelVersions model={model} /> : null}
      {tab === 'history' ? <ModelHistory model={model} /> : null}
      {tab === 'about' ? <About model={model} /> : null}
      <Dialog
        open={open === 'edit'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Rename or describe ${model.name}`}
        description="Versions, deployments and history stay. Code that names the model must use its new name."
      >
        <DialogForm
          submit="Save"
          busy={update.isPending}
          error={update.error}
          onCancel={close}
          onSubmit={(form) => {
            const name = fieldOf(form, 'name');
            update.mutate({ id: model.id, name: name === model.name ? null : name, description: fieldOf(form, 'description') });
          }}
        >
          <Field label="Name">
            <input name="name" defaultValue={model.name} required maxLength={256} pattern="[^\/:]+" title="Neither / nor :" autoFocus />
          </Field>
          <Field label="What it is for">
            <textarea name="description" rows={4} maxLength={5000} defaultValue={model.description} />
          </Field>
        </DialogForm>
      </Dialog>
      <Confirm
        open={open === 'delete'}
        onOpenChange={(next) => {
          if (!next) close();
        }}
        title={`Delete ${model.name}?`}
        confirm="Delete model"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ id: model.id })}
      >
        <p>
          This deletes its {counted(model.versionCount, 'version')}
          {model.aliases.length > 0 ? ` and the aliases ${model.aliases.map(({ alias }) => alias).join(', ')}` : ''}. It cannot be undone
          here; digests and history stay for the traces that stand on it. It is refused while a version is deployed.
        </p>
      </Confirm>
    </>
  );
}

function About({ model }: { model: ModelDetails }) {
  const origin = useOrigin();
  return (
    <div className="page columns">
      <div>
        <Section title="What it is for">
          <p className="note">{model.description === '' ? 'Nobody wrote it down yet.' : model.description}</p>
        </Section>
        <Section title="Load it">
          <Code
            label="Load the model"
            text={`import mlflow\nmlflow.set_tracking_uri("${origin}")\nmodel = mlflow.pyfunc.load_model("models:/${model.name}${model.aliases[0] ? `@${model.aliases[0].alias}` : `/${model.latestVersion?.version ?? 1}`}")`}
          />
        </Section>
      </div>
      <div>
        <Section title="Model">
          <Facts
            rows={[
              ['Made', <Time key="made" at={model.createdAt} />],
              ['Changed', <Time key="changed" at={model.updatedAt} />],
              ['Versions', String(model.versionCount)],
            ]}
          />
        </Section>
        <Section title="Tags" aside={String(model.tags.length)}>
          {model.tags.length === 0 ? (
            <p className="note">None yet.</p>
          ) : (
            <Facts rows={model.tags.map(({ key, value }) => [key, value] as const)} />
          )}
        </Section>
      </div>
    </div>
  );
}
