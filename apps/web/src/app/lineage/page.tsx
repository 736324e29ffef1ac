import { LineageView } from '../../views/lineage.tsx';

export default function Page() {
  return <LineageView />;
}
