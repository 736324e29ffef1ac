'use client';

// What a dataset says of itself: shown, written in place beside how it will look, and every earlier writing. A text that is being
// written outlives a reload, a refused save and somebody else's save: it is kept by the browser until it is saved or let go.

import dynamic from 'next/dynamic';
import { useDeferredValue, useState } from 'react';

import { useAct, useData, usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import type { ReadmeQuery } from '../gql/graphql.ts';
import { formatCount } from '../logic/format.ts';
import { datasetVersionHref } from '../logic/links.ts';
import type { ReadmeDraft, ReadmeHome } from '../logic/readme.ts';
import { readDraft, writeDraft } from '../logic/readme.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Link } from '../ui/link.tsx';
import { Empty, FailureLine, Loaded, Skeleton } from '../ui/states.tsx';
import { More } from '../ui/table.tsx';
import { Time } from '../ui/text.tsx';
import { toast } from '../ui/toast.tsx';

const Markdown = dynamic(() => import('./markdown.tsx'), { loading: () => <Skeleton rows={6} height={24} /> });

const ReadmeDocument = graphql(`
  query Readme($id: ID!) {
    dataset(id: $id) {
      id
      name
      current {
        number
      }
      readme {
        text
        author
        at
        version {
          number
        }
      }
      readmeHistory(first: 1) {
        nodes {
          text
          revision
          author
        }
      }
    }
  }
`);

const ReadmeHistoryDocument = graphql(`
  query ReadmeHistory($id: ID!, $after: String) {
    dataset(id: $id) {
      id
      readmeHistory(first: 10, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          text
          revision
          author
          at
        }
      }
    }
  }
`);

const WriteReadmeDocument = graphql(`
  mutation WriteReadme($dataset: ID!, $text: String!, $revision: Int!) {
    updateDatasetReadme(dataset: $dataset, text: $text, revision: $revision) {
      __typename
      ... on Dataset {
        id
      }
      ...Refusal
    }
  }
`);

/** The longest text that the server takes. */
const LIMIT = 100_000;

type Dataset = NonNullable<ReadmeQuery['dataset']>;

const draftKey = (dataset: string) => `throughline.readme.${dataset}`;

function keptDraft(dataset: string): ReadmeDraft | null {
  try {
    return readDraft(sessionStorage.getItem(draftKey(dataset)));
  } catch {
    // Storage is forbidden: there is nothing that could have been kept.
    return null;
  }
}

function keepDraft(dataset: string, draft: ReadmeDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(draftKey(dataset));
    else sessionStorage.setItem(draftKey(dataset), writeDraft(draft));
  } catch {
    // Storage is forbidden or full: the draft holds until the page is left.
  }
}

export function Readme({ dataset }: { dataset: string }) {
  const query = useData(ReadmeDocument, { id: dataset });
  return (
    <Loaded query={query}>
      {(data) => (data.dataset ? <Shown key={dataset} dataset={data.dataset} refresh={query.refetch} /> : null)}
    </Loaded>
  );
}

function Shown({ dataset, refresh }: { dataset: Dataset; refresh: () => unknown }) {
  const [draft, setDraft] = useState<ReadmeDraft | null>(() => keptDraft(dataset.id));
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const { readme } = dataset;
  const newest = dataset.readmeHistory.nodes[0];
  const number = readme?.version?.number ?? dataset.current?.number;
  const home = number === undefined ? null : { dataset: dataset.name, number };
  const edit = (next: ReadmeDraft | null) => {
    setDraft(next);
    keepDraft(dataset.id, next);
  };
  const begin = (text: string) => edit({ text, revision: newest?.revision ?? 0 });
  if (draft !== null) return <Editor dataset={dataset} home={home} draft={draft} onChange={edit} refresh={refresh} />;
  return (
    <>
      {readme ? (
        <>
          <div className="readme-head">
            <span className="quiet">
              {readme.version ? (
                <>
                  README.md of{' '}
                  <Link className="mono" href={datasetVersionHref(dataset.name, readme.version.number)}>
                    {dataset.name}@{readme.version.number}
                  </Link>
                </>
              ) : (
                <>
                  written by {readme.author} · <Time at={readme.at} />
                </>
              )}
            </span>
            <span className="spacer" />
            {newest ? (
              <button type="button" className="button" onClick={() => setHistoryOpen(true)}>
                History
              </button>
            ) : null}
            <button type="button" className="button" onClick={() => begin(readme.text)}>
              {readme.version ? 'Write another…' : 'Edit'}
            </button>
          </div>
          <Markdown text={readme.text} home={home} />
        </>
      ) : (
        <Empty title="No README yet">
          <p>
            Say where this data comes from, what a row and a column mean, what it is good for, and what it must not be used for. Write it
            here, or register a version with a README.md among its files.
          </p>
          <span className="badges">
            <button type="button" className="button primary" onClick={() => begin(outlineOf(dataset.name))}>
              Write a README
            </button>
            {newest ? (
              <button type="button" className="button" onClick={() => setHistoryOpen(true)}>
                History
              </button>
            ) : null}
          </span>
        </Empty>
      )}
      <Dialog open={isHistoryOpen} onOpenChange={setHistoryOpen} title={`Writings of the README of ${dataset.name}`} wide>
        <History
          dataset={dataset.id}
          onUse={(text) => {
            setHistoryOpen(false);
            begin(text);
          }}
        />
      </Dialog>
    </>
  );
}

/** What a first README may begin from. */
function outlineOf(name: string): string {
  return `# ${name}\n\nWhat it is, in a sentence.\n\n## Where it comes from\n\n## Columns\n\n| column | unit | meaning |\n| --- | --- | --- |\n|  |  |  |\n\n## Good for, and not for\n`;
}

interface EditorProps {
  dataset: Dataset;
  home: ReadmeHome | null;
  draft: ReadmeDraft;
  onChange: (draft: ReadmeDraft | null) => void;
  /** Asks for the dataset again. */
  refresh: () => unknown;
}

function Editor({ dataset, home, draft, onChange, refresh }: EditorProps) {
  const shown = useDeferredValue(draft.text);
  const save = useAct(WriteReadmeDocument, {
    failure: 'shown',
    done: (_, { text }) => ({ text: text === '' ? 'The README is taken away.' : 'The README is saved.' }),
    then: () => onChange(null),
  });
  const newest = dataset.readmeHistory.nodes[0];
  const revision = newest?.revision ?? 0;
  const isOvertaken = revision !== draft.revision;
  const isTooLong = draft.text.length > LIMIT;
  const discard = () => {
    onChange(null);
    const back = () => {
      onChange(draft);
      return Promise.resolve();
    };
    toast({ text: 'The draft is discarded.', action: { label: 'Undo', run: back } });
  };
  return (
    <form
      className="readme-editor"
      onSubmit={(event) => {
        event.preventDefault();
        // What somebody else has saved in the meantime is asked for, and stands beside what was refused.
        save.mutate({ dataset: dataset.id, text: draft.text, revision: draft.revision }, { onError: () => void refresh() });
      }}
    >
      <div className="readme-head">
        <span className="quiet">
          Markdown; HTML in it is not shown. Paths lead to files of the current version.
          {draft.text.length > LIMIT * 0.9 ? (
            <span className={isTooLong ? 'failure-line' : undefined}>
              {' '}
              {formatCount(draft.text.length)} of {formatCount(LIMIT)} characters.
            </span>
          ) : null}
        </span>
        <span className="spacer" />
        <button type="button" className="button" onClick={discard}>
          Discard
        </button>
        <button type="submit" className="button primary" disabled={save.isPending || isOvertaken || isTooLong}>
          {save.isPending ? 'Saving…' : 'Save'}
        </button>
      </div>
      {isOvertaken ? (
        <div className="overtaken" role="alert">
          <p>
            <b>{newest?.author ?? 'Somebody'} has written it in the meantime.</b> Your text is kept here and not saved yet. Theirs is below
            it: put both into yours, then save it over theirs. Theirs stays in the history.
          </p>
          <button
            type="button"
            className="button"
            onClick={() => {
              save.reset();
              onChange({ ...draft, revision });
            }}
          >
            Mine holds both
          </button>
        </div>
      ) : (
        <FailureLine error={save.error} />
      )}
      <div className="readme-panes">
        <textarea
          aria-label="README in Markdown"
          spellCheck
          autoFocus
          value={draft.text}
          onChange={(event) => onChange({ ...draft, text: event.currentTarget.value })}
        />
        <section aria-label="How it will look" className="readme-preview">
          {shown.trim() === '' ? (
            <p className="note">Nothing to show: saving this takes the README away.</p>
          ) : (
            <Markdown text={shown} home={home} />
          )}
        </section>
        {isOvertaken ? (
          <>
            <textarea aria-label="Their README in Markdown" readOnly value={newest?.text ?? ''} />
            <section aria-label="How theirs looks" className="readme-preview">
              {newest?.text ? <Markdown text={newest.text} home={home} /> : <p className="note">It is taken away.</p>}
            </section>
          </>
        ) : null}
      </div>
    </form>
  );
}

function History({ dataset, onUse }: { dataset: string; onUse: (text: string) => void }) {
  const query = usePages(ReadmeHistoryDocument, { id: dataset, after: null }, (data) => data.dataset?.readmeHistory);
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.dataset?.readmeHistory.nodes ?? []);
        return (
          <>
            {rows.map((writing) => (
              <details key={writing.revision} className="writing">
                <summary>
                  <span className="mono">#{writing.revision}</span>
                  <span>{writing.text === '' ? 'taken away' : `${formatCount(writing.text.length)} characters`}</span>
                  <span className="spacer" />
                  <span className="quiet">
                    {writing.author} · <Time at={writing.at} />
                  </span>
                </summary>
                <pre className="preview-text">{writing.text}</pre>
                <button type="button" className="button small" onClick={() => onUse(writing.text)}>
                  Edit from this one…
                </button>
              </details>
            ))}
            {query.hasNextPage ? <More query={query} shown={rows.length} noun="writings" /> : null}
          </>
        );
      }}
    </Loaded>
  );
}
