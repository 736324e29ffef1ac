import { HomeView } from '../views/home.tsx';

export default function Page() {
  return <HomeView />;
}
