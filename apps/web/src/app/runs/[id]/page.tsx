import { RunView } from '../../../views/run.tsx';

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <RunView runId={decodeURIComponent((await params).id)} />;
}
