import { DatasetsView } from '../../views/datasets.tsx';

export default function Page() {
  return <DatasetsView />;
}
