import { SettingsView } from '../../views/settings.tsx';

export default function Page() {
  return <SettingsView />;
}
