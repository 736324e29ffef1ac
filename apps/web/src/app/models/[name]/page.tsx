import { ModelView } from '../../../views/model.tsx';

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  return <ModelView name={decodeURIComponent((await params).name)} />;
}
