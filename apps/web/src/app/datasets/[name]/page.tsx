import { DatasetView } from '../../../views/dataset.tsx';

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  return <DatasetView name={decodeURIComponent((await params).name)} />;
}
