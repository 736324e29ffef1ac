import { DatasetVersionView } from '../../../../views/dataset-version.tsx';

export default async function Page({ params }: { params: Promise<{ name: string; number: string }> }) {
  const { name, number } = await params;
  return <DatasetVersionView name={decodeURIComponent(name)} number={decodeURIComponent(number)} />;
}
