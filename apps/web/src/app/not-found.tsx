import { Head } from '../ui/head.tsx';
import { Link } from '../ui/link.tsx';
import { Empty } from '../ui/states.tsx';

export default function NotFound() {
  return (
    <>
      <Head title="Nothing here" />
      <div className="page">
        <Empty title="There is no page at this address">
          <p>
            The link may have lost a character on its way. <Link href="/">Home</Link> leads to everything; Ctrl K finds things by name.
          </p>
        </Empty>
      </div>
    </>
  );
}
