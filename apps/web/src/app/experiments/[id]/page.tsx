import { ExperimentView } from '../../../views/experiment.tsx';

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ExperimentView id={decodeURIComponent((await params).id)} />;
}
