import { notFound } from 'next/navigation';

import { refs } from '../../../logic/links.ts';
import { DeploymentView } from '../../../views/deployment.tsx';

/** `/deployments/<id>` is one deployment for ever; `/deployments/<environment>/<target>` is whatever is live there. */
export default async function Page({ params }: { params: Promise<{ ref: string[] }> }) {
  const [first, second, ...rest] = (await params).ref.map(decodeURIComponent);
  if (first === undefined || rest.length > 0) notFound();
  return second === undefined ? (
    <DeploymentView id={first} target={null} />
  ) : (
    <DeploymentView id={refs.deployment(first, second)} target={{ environment: first, target: second }} />
  );
}
