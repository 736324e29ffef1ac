// What the marks of evidence mean to a reader: how strong a step is, and how strong the way between two nodes is.

export type Evidence = 'ASSERTED' | 'OBSERVED' | 'MATCHED';

const STRONGEST_FIRST: readonly Evidence[] = ['MATCHED', 'OBSERVED', 'ASSERTED'];

/** What each mark means, in a sentence. */
export const EVIDENCE_WORDS: Readonly<Record<Evidence, { word: string; meaning: string }>> = {
  MATCHED: { word: 'matched', meaning: 'Full content hashes were compared, and they are equal.' },
  OBSERVED: { word: 'observed', meaning: 'This server itself served every byte of it to that run.' },
  ASSERTED: { word: 'asserted', meaning: 'A client said so; nobody checked.' },
};

interface Step {
  from: string;
  to: string;
  evidence: Evidence;
}

/**
 * How strong the way from a downstream node to an upstream one is: a way is as strong as its weakest step, and where there are
 * several ways the strongest counts. Null where there is none.
 */
export function evidenceBetween(steps: readonly Step[], from: string, to: string): Evidence | null {
  for (const [index, evidence] of STRONGEST_FIRST.entries()) {
    const allowed = new Set(STRONGEST_FIRST.slice(0, index + 1));
    if (
      reaches(
        steps.filter((step) => allowed.has(step.evidence)),
        from,
        to,
      )
    )
      return evidence;
  }
  return null;
}

function reaches(steps: readonly Step[], from: string, to: string): boolean {
  const seen = new Set([from]);
  const queue = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node === to) return true;
    for (const step of steps) {
      if (step.from === node && !seen.has(step.to)) {
        seen.add(step.to);
        queue.push(step.to);
      }
    }
  }
  return false;
}
