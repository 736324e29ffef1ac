// Patterns of ignore files as automata: the time for a path is its length times the pattern's, whatever both are. A regular expression tries one way after the other,
// and `*a*a*a*a*b` has more ways through a long name than anybody can wait for; a clone of somebody's repository brings such a line along with a name to match.
// All ways are followed at once instead. Which sets of places were met is kept, so that each further path costs one look-up for a character.

/** What a pattern is made of, in the order of the path. */
export type Piece =
  /** One character, as an expression says it. */
  | { readonly kind: 'one'; readonly source: string }
  /** Any number of characters of a name. */
  | { readonly kind: 'star' }
  /** Any folders at the path's beginning, or none. */
  | { readonly kind: 'parents' }
  /** Any folders between two names, or none. */
  | { readonly kind: 'between' }
  /** The end of a name: what comes below it is matched, too, and so is a newline behind it. */
  | { readonly kind: 'end' };

/** The same as a regular expression, for the `u` flag. */
export function sourceOf(pieces: readonly Piece[]): string {
  return `^${pieces.map((piece) => (piece.kind === 'one' ? piece.source : SOURCES[piece.kind])).join('')}`;
}

const SOURCES = { star: '[^/]*', parents: '(?:[^\\n]+/)?', between: '(?:/[^\\n]+)?', end: '(?:/|(?=\\n?$))' };

type Test = (character: string) => boolean;

interface Place {
  /** Where one may go on a character. */
  readonly steps: { readonly test: Test; readonly to: number }[];
  /** Where one is, too, without any. */
  readonly also: number[];
}

/** A set of places that one may be at, and where each character leads from there. */
interface State {
  readonly places: readonly number[];
  readonly isMatched: boolean;
  /** Matched if the path ends here. */
  readonly isEnd: boolean;
  readonly next: Map<string, State>;
}

/** After so many sets or ways between them, all are forgotten: memory is worth more than a few look-ups. */
const MAX_KNOWN = 4_096;
const isInName: Test = (character) => character !== '/';
const isOnLine: Test = (character) => character !== '\n';
const isSlash: Test = (character) => character === '/';

export class GlobAutomaton {
  readonly #places: Place[] = [{ steps: [], also: [] }];
  readonly #end: number | null;
  readonly #matched: number;
  #states = new Map<string, State>();
  #knownCount = 0;
  /** Steps from place to place that were tried so far. What is remembered costs none. */
  tried = 0;

  /** @throws SyntaxError for a piece whose source is no expression. */
  constructor(pieces: readonly Piece[]) {
    let end: number | null = null;
    for (const piece of pieces) {
      if (piece.kind === 'end') end = this.#places.length - 1;
      this.#add(piece);
    }
    this.#end = end;
    this.#matched = this.#places.length - 1;
  }

  /** Whether a path begins with what the pattern says. */
  test(path: string): boolean {
    let state = this.#stateOf([0]);
    let rest = path.length;
    for (const character of path) {
      if (state.isMatched || (state.isEnd && rest === 1 && character === '\n')) return true;
      if (state.places.length === 0) return false;
      state = state.next.get(character) ?? this.#follow(state, character);
      rest -= character.length;
    }
    return state.isMatched || state.isEnd;
  }

  #add(piece: Piece): void {
    const from = this.#places.length - 1;
    if (piece.kind === 'one') this.#step(from, matcherOf(piece.source), this.#place());
    else if (piece.kind === 'end') this.#step(from, isSlash, this.#place());
    else if (piece.kind === 'star') {
      this.#step(from, isInName, from);
      this.#jump(from, this.#place());
    } else if (piece.kind === 'parents') {
      const within = this.#place();
      const behind = this.#place();
      this.#jump(from, behind);
      this.#step(from, isOnLine, within);
      this.#step(within, isOnLine, within);
      this.#step(within, isSlash, behind);
    } else {
      const slash = this.#place();
      const within = this.#place();
      const behind = this.#place();
      this.#jump(from, behind);
      this.#step(from, isSlash, slash);
      this.#step(slash, isOnLine, within);
      this.#step(within, isOnLine, within);
      this.#jump(within, behind);
    }
  }

  #place(): number {
    return this.#places.push({ steps: [], also: [] }) - 1;
  }

  #step(from: number, test: Test, to: number): void {
    this.#places[from]?.steps.push({ test, to });
  }

  #jump(from: number, to: number): void {
    this.#places[from]?.also.push(to);
  }

  #follow(state: State, character: string): State {
    const reached: number[] = [];
    for (const place of state.places) {
      for (const { test, to } of this.#places[place]?.steps ?? []) {
        this.tried += 1;
        if (test(character)) reached.push(to);
      }
    }
    const next = this.#stateOf(reached);
    if (this.#knownCount++ < MAX_KNOWN) state.next.set(character, next);
    else this.#forget();
    return next;
  }

  #stateOf(from: readonly number[]): State {
    const found = new Set<number>(from);
    // A set that grows is walked to its end.
    for (const place of found) for (const to of this.#places[place]?.also ?? []) found.add(to);
    const places = [...found].sort((a, b) => a - b);
    const key = places.join();
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = {
      places,
      isMatched: found.has(this.#matched),
      isEnd: this.#end !== null && found.has(this.#end),
      next: new Map<string, State>(),
    };
    this.#states.set(key, state);
    return state;
  }

  #forget(): void {
    this.#states = new Map();
    this.#knownCount = 0;
  }
}

function matcherOf(source: string): Test {
  const expression = new RegExp(`^${source}$`, 'u');
  return (character) => expression.test(character);
}
