import { DeploymentsView } from '../../views/deployments.tsx';

export default function Page() {
  return <DeploymentsView />;
}
