import { DatasetDiffView } from '../../../../views/dataset-diff.tsx';

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  return <DatasetDiffView name={decodeURIComponent((await params).name)} />;
}
