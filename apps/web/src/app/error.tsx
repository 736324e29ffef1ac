'use client';

import { Head } from '../ui/head.tsx';
import { Empty } from '../ui/states.tsx';

/** A defect of a page: the rest of the dashboard goes on. */
export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <>
      <Head title="This page stopped" />
      <div className="page">
        <Empty title="This page met a defect">
          <p>Nothing was changed by it. Draw the page again; if it stays, the browser’s console says more.</p>
          <button type="button" className="button" onClick={reset}>
            Draw it again
          </button>
        </Empty>
      </div>
    </>
  );
}
