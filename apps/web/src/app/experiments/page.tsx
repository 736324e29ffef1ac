import { ExperimentsView } from '../../views/experiments.tsx';

export default function Page() {
  return <ExperimentsView />;
}
