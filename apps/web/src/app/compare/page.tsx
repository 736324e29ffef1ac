import { CompareView } from '../../views/compare.tsx';

export default function Page() {
  return <CompareView />;
}
