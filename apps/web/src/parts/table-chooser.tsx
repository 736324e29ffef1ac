'use client';

// One table of a version, which may have very many: the first hundred at once, more as they are asked for, and all of them (to a limit) for
// whoever searches. A path that is typed whole needs no list.

import { Popover } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import { useEffect, useState } from 'react';

import { usePages } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { DownIcon } from '../ui/icons.tsx';
import { FailureLine } from '../ui/states.tsx';

const TablesDocument = graphql(`
  query TablesToChoose($id: ID!, $after: String) {
    datasetVersion(id: $id) {
      id
      tables(first: 100, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          path
        }
      }
    }
  }
`);

/** A search goes through this many tables by itself. */
const MOST_SEARCHED = 5_000;
/** No list of more helps anybody to choose. */
const MOST_SHOWN = 200;

interface Props {
  label: string;
  /** The version's id or reference. */
  version: string;
  chosen: string | null;
  onChosen: (path: string) => void;
}

export function TableChooser({ label, version, chosen, onChosen }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <span className="inline-field">
      {label}
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger className="button mono" aria-label={`${label}: ${chosen ?? 'choose'}`}>
          <span className="table-choice" title={chosen ?? undefined}>
            {chosen ?? 'choose…'}
          </span>
          <DownIcon />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="popover wide" align="start" sideOffset={4} aria-label={label}>
            <Tables
              version={version}
              onChosen={(path) => {
                setOpen(false);
                onChosen(path);
              }}
            />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </span>
  );
}

function Tables({ version, onChosen }: Pick<Props, 'version' | 'onChosen'>) {
  const [text, setText] = useState('');
  const query = usePages(TablesDocument, { id: version, after: null }, (data) => data.datasetVersion?.tables);
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const paths = data?.pages.flatMap((page) => page.datasetVersion?.tables.nodes.map(({ path }) => path) ?? []) ?? [];
  const sought = text.trim().toLowerCase();
  const found = paths.filter((path) => path.toLowerCase().includes(sought));
  const isSearching = sought !== '' && hasNextPage && !isError && paths.length < MOST_SEARCHED && found.length < MOST_SHOWN;
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage();
  }, [isSearching, isFetching, fetchNextPage]);
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Enter' || text.trim() === '') return;
    // Whole as it was typed; else the only one that it can mean.
    const [first] = found;
    onChosen(paths.includes(text.trim()) || found.length !== 1 || first === undefined ? text.trim() : first);
  };
  return (
    <>
      <input
        type="search"
        className="input mono"
        placeholder="Part of a path, or all of it"
        aria-label="Tables by path"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      <div className="popover-list">
        {found.slice(0, MOST_SHOWN).map((path) => (
          <button key={path} type="button" className="popover-item mono" title={path} onClick={() => onChosen(path)}>
            <span>{path}</span>
          </button>
        ))}
      </div>
      <FailureLine error={query.error} />
      <p className="note">
        {found.length > MOST_SHOWN ? `The first ${MOST_SHOWN} are shown. ` : ''}
        {found.length === 0 && !isFetching ? 'No table’s path contains this. Enter takes it as it stands.' : null}
        {isFetching ? `Looking through the tables, ${paths.length} so far…` : null}
      </p>
      {hasNextPage && !isSearching && !isFetching ? (
        <button type="button" className="text-button" onClick={() => void fetchNextPage()}>
          More tables
        </button>
      ) : null}
    </>
  );
}
