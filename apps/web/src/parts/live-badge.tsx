import type { LiveState } from '../api/live.ts';

const WORDS = {
  connecting: { word: 'Connecting', meaning: 'The page is about to follow the run.' },
  live: { word: 'Live', meaning: 'New points appear as they are logged.' },
  reconnecting: { word: 'Reconnecting', meaning: 'The server does not answer. What is logged meanwhile appears once it does.' },
} as const;

/** Whether the page follows its run; nothing where the run is over. */
export function LiveBadge({ state }: { state: LiveState }) {
  return (
    <span role="status" className="live-place">
      {state === 'off' ? null : (
        <span className={`live-mark ${state}`} title={WORDS[state].meaning}>
          <span className="dot" aria-hidden="true" />
          {WORDS[state].word}
        </span>
      )}
    </span>
  );
}
