'use client';

import { datasetHref } from '../logic/links.ts';
import { VersionComparison } from '../parts/version-comparison.tsx';
import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';

/** What changed from one version of a dataset to another; which two lives in the address. */
export function DatasetDiffView({ name }: { name: string }) {
  const url = useUrl();
  const from = numberIn(url.get('from'));
  const to = numberIn(url.get('to'));
  const turnAround = () => {
    const [table, fromTable] = [url.get('table'), url.get('fromTable')];
    url.set({ from: to, to: from, ...(fromTable === null ? {} : { table: fromTable, fromTable: table }) });
  };
  const ready = from !== null && to !== null;
  return (
    <>
      <Head
        crumbs={[
          { label: 'Datasets', href: '/datasets' },
          { label: name, href: datasetHref(name) },
        ]}
        title={ready ? `${name}: @${from} → @${to}` : `Compare versions of ${name}`}
        actions={
          ready ? (
            <button type="button" className="button" onClick={turnAround}>
              Turn around
            </button>
          ) : undefined
        }
      />
      {ready ? (
        <VersionComparison dataset={name} from={from} to={to} />
      ) : (
        <div className="page">
          <Empty title="Which two versions?">
            <p>
              Choose “Diff…” beside a version on the <Link href={datasetHref(name)}>dataset’s page</Link>.
            </p>
          </Empty>
        </div>
      )}
    </>
  );
}

function numberIn(value: string | null): string | null {
  return value !== null && /^[1-9]\d{0,8}$/.test(value) ? value : null;
}
