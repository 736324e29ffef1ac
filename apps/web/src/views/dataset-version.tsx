'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { DatasetVersionDocument, SetCurrentDocument } from '../api/dataset-version.ts';
import type { DatasetVersionDetails } from '../api/dataset-version.ts';
import { act, useAct, useData } from '../api/hooks.ts';
import { counted } from '../logic/format.ts';
import { datasetDiffHref, datasetHref, lineageHref, refs } from '../logic/links.ts';
import { RetractionDialog, TagDialog } from '../parts/dataset-version-dialogs.tsx';
import { FileBrowser } from '../parts/files.tsx';
import { Thread } from '../parts/thread.tsx';
import { VerifyButton } from '../parts/trace.tsx';
import { Badge, IntegrityBadge } from '../ui/badge.tsx';
import { Head, Tabs, useTab } from '../ui/head.tsx';
import { Menu } from '../ui/menu.tsx';
import { Loaded, Missing, Skeleton } from '../ui/states.tsx';
import { Bytes, Time } from '../ui/text.tsx';
import { DatasetVersionCompare } from './dataset-version-compare.tsx';
import { DatasetVersionOverview } from './dataset-version-overview.tsx';
import { DatasetVersionProfile } from './dataset-version-profile.tsx';
import { DatasetVersionUses } from './dataset-version-uses.tsx';

export function DatasetVersionView({ name, number }: { name: string; number: string }) {
  const query = useData(DatasetVersionDocument, { id: refs.datasetVersion(name, number) });
  return (
    <Loaded
      query={query}
      skeleton={
        <>
          <Head
            crumbs={[
              { label: 'Datasets', href: '/datasets' },
              { label: name, href: datasetHref(name) },
            ]}
            title={`${name}@${number}`}
          >
            <div className="tabs" />
          </Head>
          <Thread id={undefined} />
          <div className="page">
            <Skeleton rows={8} />
          </div>
        </>
      }
    >
      {({ datasetVersion }) =>
        datasetVersion ? <Page version={datasetVersion} /> : <Missing what="dataset version" name={`${name}@${number}`} />
      }
    </Loaded>
  );
}

type Open = 'tag' | 'retract' | 'reinstate' | null;

function Page({ version }: { version: DatasetVersionDetails }) {
  const router = useRouter();
  const tabs = [
    { id: 'overview', label: 'Overview' },
    { id: 'files', label: 'Files', count: version.fileCount },
    { id: 'profile', label: 'Profile' },
    { id: 'compare', label: 'Compare' },
    { id: 'used', label: 'Used by' },
  ];
  const tab = useTab(tabs);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { dataset, retraction } = version;
  const label = `${dataset.name}@${version.number}`;
  const before = dataset.current?.id;
  const makeCurrent = useAct(SetCurrentDocument, {
    done: () => ({
      text: `${label} is the current version now.`,
      ...(before === undefined ? {} : { undo: { run: () => act(SetCurrentDocument, { version: before }) } }),
    }),
  });
  return (
    <>
      <Head
        crumbs={[
          { label: 'Datasets', href: '/datasets' },
          { label: dataset.name, href: datasetHref(dataset.name) },
        ]}
        title={label}
        badges={
          <>
            {retraction ? (
              <Badge tone="retracted" dot>
                Withdrawn
              </Badge>
            ) : (
              <IntegrityBadge integrity={version.integrity} checkedAt={version.checkedAt} />
            )}
            {version.tags.map((tag) => (
              <Badge key={tag} tone="accent">
                {tag}
              </Badge>
            ))}
          </>
        }
        reference={version.ref}
        facts={
          <>
            {counted(version.fileCount, 'file')}, <Bytes value={version.totalBytes} /> · {version.createdBy} ·{' '}
            <Time at={version.createdAt} />
          </>
        }
        actions={
          <>
            <Menu
              label="More"
              items={[
                version.isCurrent ? null : { label: 'Make current', onSelect: () => makeCurrent.mutate({ version: version.id }) },
                { label: 'Tag…', onSelect: () => setOpen('tag') },
                version.number > 1
                  ? {
                      label: `What changed since @${version.number - 1}`,
                      onSelect: () => router.push(datasetDiffHref(dataset.name, version.number - 1, version.number)),
                    }
                  : null,
                { label: 'What stands on it', onSelect: () => router.push(lineageHref(version.id, 'DOWNSTREAM')) },
                retraction
                  ? { label: 'Take the withdrawal back…', onSelect: () => setOpen('reinstate') }
                  : { label: 'Withdraw…', danger: true, onSelect: () => setOpen('retract') },
              ]}
            />
            <VerifyButton root={version.id} />
          </>
        }
      >
        <Tabs tabs={tabs} current={tab} />
      </Head>
      <Thread id={version.id} />
      {retraction ? (
        <div className="bar retracted" role="note">
          <b>Withdrawn:</b> {retraction.reason}
          <span className="quiet">
            {retraction.actor} · <Time at={retraction.at} />
          </span>
        </div>
      ) : null}
      {tab === 'overview' ? <DatasetVersionOverview version={version} /> : null}
      {tab === 'files' ? <FileBrowser owner={{ kind: 'datasetVersion', id: version.id }} /> : null}
      {tab === 'profile' ? <DatasetVersionProfile id={version.id} label={label} /> : null}
      {tab === 'compare' ? <DatasetVersionCompare dataset={dataset} number={version.number} /> : null}
      {tab === 'used' ? <DatasetVersionUses id={version.id} label={label} /> : null}
      <TagDialog version={version} label={label} open={open === 'tag'} onClose={close} />
      <RetractionDialog version={version} label={label} open={open === 'retract' || open === 'reinstate' ? open : null} onClose={close} />
    </>
  );
}
