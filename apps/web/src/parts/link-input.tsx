'use client';

import { useState } from 'react';

import { useAct, useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { shortHash } from '../logic/format.ts';
import { Dialog, DialogForm, Field } from '../ui/dialog.tsx';
import { Empty, Loaded, Skeleton, useRested } from '../ui/states.tsx';
import { Time } from '../ui/text.tsx';

const CandidatesDocument = graphql(`
  query InputCandidates($search: String) {
    datasets(search: $search, first: 20) {
      nodes {
        id
        name
        versions(first: 20) {
          nodes {
            id
            number
            digest
            message
            createdAt
            retraction {
              reason
            }
          }
        }
      }
    }
  }
`);

const ResolveDocument = graphql(`
  mutation ResolveInput($input: ID!, $datasetVersion: ID!) {
    resolveInput(input: $input, datasetVersion: $datasetVersion) {
      __typename
      ... on DatasetInput {
        id
        name
      }
      ...Refusal
    }
  }
`);

interface Input {
  id: string;
  name: string;
  digest: string;
  source: string;
}

/** Says which registered dataset version a run's input was. The edge is then asserted: somebody said so. */
export function LinkInput({ input, onClose }: { input: Input | null; onClose: () => void }) {
  return (
    <Dialog
      open={input !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Link ${input?.name ?? ''} to a dataset version`}
      description="The run named this data, and no registered version is known to be it. Say which one it was; the step will read as asserted."
    >
      {input === null ? null : <Form input={input} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ input, onClose }: { input: Input; onClose: () => void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const search = useRested(text.trim());
  const query = useData(CandidatesDocument, { search: search === '' ? null : search }, { keep: true });
  const resolve = useAct(ResolveDocument, { failure: 'shown', done: () => ({ text: `${input.name} is linked.` }), then: onClose });
  return (
    <DialogForm
      submit="Link"
      busy={resolve.isPending}
      disabled={chosen === null}
      error={resolve.error}
      onCancel={onClose}
      onSubmit={() => {
        if (chosen !== null) resolve.mutate({ input: input.id, datasetVersion: chosen });
      }}
    >
      {input.source === '' ? null : (
        <p className="note mono" title={input.source}>
          {input.source}
          {input.digest === '' ? '' : ` · ${input.digest}`}
        </p>
      )}
      <Field label="Dataset">
        <input
          type="search"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder="Part of its name"
          autoFocus
        />
      </Field>
      <div className="choices" role="radiogroup" aria-label="Version">
        <Loaded query={query} skeleton={<Skeleton rows={4} />}>
          {({ datasets }) =>
            datasets.nodes.length === 0 ? (
              <Empty title={search === '' ? 'No datasets yet' : `No dataset’s name contains ${search}`} />
            ) : (
              datasets.nodes.flatMap((dataset) =>
                dataset.versions.nodes.map((version) => (
                  <label key={version.id} className="choice">
                    <input type="radio" name="version" checked={chosen === version.id} onChange={() => setChosen(version.id)} />
                    <span className="mono">{`${dataset.name}@${version.number}`}</span>
                    <span className="quiet">
                      {version.retraction ? 'withdrawn · ' : ''}
                      {shortHash(version.digest)} · <Time at={version.createdAt} />
                    </span>
                  </label>
                )),
              )
            )
          }
        </Loaded>
      </div>
    </DialogForm>
  );
}
