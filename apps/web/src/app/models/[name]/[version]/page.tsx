import { ModelVersionView } from '../../../../views/model-version.tsx';

export default async function Page({ params }: { params: Promise<{ name: string; version: string }> }) {
  const { name, version } = await params;
  return <ModelVersionView name={decodeURIComponent(name)} version={decodeURIComponent(version)} />;
}
