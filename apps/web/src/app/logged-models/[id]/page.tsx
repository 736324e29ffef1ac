import { LoggedModelView } from '../../../views/logged-model.tsx';

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <LoggedModelView modelId={decodeURIComponent((await params).id)} />;
}
