import { SignInView } from '../../views/sign-in.tsx';

export default function Page() {
  return <SignInView />;
}
