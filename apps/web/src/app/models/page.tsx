import { ModelsView } from '../../views/models.tsx';

export default function Page() {
  return <ModelsView />;
}
