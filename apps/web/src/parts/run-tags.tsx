'use client';

import { act, useAct } from '../api/hooks.ts';
import { TagRunDocument, UntagRunDocument } from '../api/run-changes.ts';
import { fieldOf } from '../ui/dialog.tsx';
import { Section } from '../ui/head.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { FailureLine } from '../ui/states.tsx';

interface Props {
  run: string;
  tags: readonly { key: string; value: string }[];
  /** Of a deleted run they only stand there. */
  fixed: boolean;
}

/** The tags that people and their code gave a run, to add to and to take from. */
export function RunTags({ run, tags, fixed }: Props) {
  const set = useAct(TagRunDocument, { failure: 'shown' });
  const remove = useAct(UntagRunDocument, {
    done: (_, { key }) => {
      const value = tags.find((tag) => tag.key === key)?.value ?? '';
      return { text: `Tag ${key} removed.`, undo: { run: () => act(TagRunDocument, { id: run, tags: [{ key, value }] }) } };
    },
  });
  return (
    <Section title="Tags" aside={String(tags.length)}>
      {tags.length === 0 ? <p className="note">None yet. Add one here, or in code: mlflow.set_tag("team", "research").</p> : null}
      <ul className="lines tags-edited">
        {tags.map(({ key, value }) => (
          <li key={key}>
            <span className="tag-words">
              <span className="quiet" title={key}>
                {key}
              </span>
              <span title={value}>{value}</span>
            </span>
            {fixed ? null : (
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove the tag ${key}`}
                title="Remove"
                onClick={() => remove.mutate({ id: run, key })}
              >
                <CloseIcon />
              </button>
            )}
          </li>
        ))}
      </ul>
      {fixed ? null : (
        <form
          className="tag-form"
          onSubmit={(event) => {
            event.preventDefault();
            const element = event.currentTarget;
            const form = new FormData(element);
            set.mutate(
              { id: run, tags: [{ key: fieldOf(form, 'key'), value: fieldOf(form, 'value') }] },
              { onSuccess: () => element.reset() },
            );
          }}
        >
          <input className="input" name="key" aria-label="Tag" placeholder="team" required maxLength={250} autoComplete="off" />
          <input className="input" name="value" aria-label="Value of the tag" placeholder="research" maxLength={8000} autoComplete="off" />
          <button type="submit" className="button" disabled={set.isPending}>
            Set tag
          </button>
        </form>
      )}
      <FailureLine error={set.error} />
    </Section>
  );
}
