// What may stand in a word's place, found by walking the tree of verbs: the shells' scripts are a few lines that ask for it at each Tab, so that
// they are never older than the command. Words that need the repository (targets, remotes) are asked for through a port.

import type { Command, Option } from 'commander';

import type { CommandLine, CommandSpec, Completes } from './command.ts';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether the shell shall offer files too. */
  readonly withFiles: boolean;
}

/** What the repository knows; nothing where there is none. */
export type Ask = (what: 'targets' | 'remotes' | 'config-names' | 'remote-options') => Promise<readonly Candidate[]>;

/** Completes the last of `words`, which stand behind the name of the command. */
export async function completeLine(line: CommandLine, words: readonly string[], ask: Ask): Promise<Completion> {
  const done = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const { command, spec, operands, pending } = walk(line, done);
  const found = pending === null ? await inPlace({ command, spec, operands, last }, ask) : await named(spec, pending, ask);
  return { ...found, candidates: found.candidates.filter(({ word }) => word.startsWith(last)) };
}

interface Place {
  readonly command: Command;
  readonly spec: CommandSpec | null;
  /** How many words without a name stand before. */
  readonly operands: number;
  readonly last: string;
}

/** Follows the words as commander would; `pending` is an option that waits for its value. */
function walk({ verbs, build }: CommandLine, words: readonly string[]): Omit<Place, 'last'> & { pending: Option | null } {
  let command = build();
  let spec: CommandSpec | null = null;
  let known = verbs;
  let operands = 0;
  let pending: Option | null = null;
  for (const word of words) {
    if (pending !== null && !word.startsWith('-')) {
      // A list goes on until the next option.
      if (!pending.variadic) pending = null;
      continue;
    }
    pending = null;
    if (word.startsWith('-')) {
      const option = command.options.find((one) => one.short === word || one.long === word);
      if (option !== undefined && (option.required || option.optional)) pending = option;
      continue;
    }
    const below = operands === 0 ? command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
    if (below === undefined) {
      operands += 1;
      continue;
    }
    command = below;
    spec = known.find(({ name }) => name === below.name()) ?? null;
    known = spec?.commands ?? [];
  }
  return { command, spec, operands, pending };
}

/** The value of an option. */
async function named(spec: CommandSpec | null, option: Option, ask: Ask): Promise<Completion> {
  const completes = option.long === '--cd' ? 'files' : spec?.options?.find(({ flags }) => flags === option.flags)?.completes;
  return completionOf(completes, ask);
}

/** A verb, an option, or a word without a name. */
async function inPlace({ command, spec, operands, last }: Place, ask: Ask): Promise<Completion> {
  if (last.startsWith('-')) {
    const options = command.options.filter(({ hidden }) => !hidden);
    const candidates = options.flatMap(({ long, description }) => (long === undefined ? [] : [{ word: long, about: description }]));
    return { candidates: [...candidates, { word: '--help', about: 'help' }], withFiles: false };
  }
  const below = operands === 0 ? verbsOf(command) : [];
  if (below.length > 0) return { candidates: below, withFiles: false };
  const list = spec?.operands ?? [];
  const at = list[operands] ?? (list.at(-1)?.name.includes('...') === true ? list.at(-1) : undefined);
  return completionOf(at?.completes, ask);
}

function verbsOf(command: Command): Candidate[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown.map((one) => ({ word: one.name(), about: one.summary() || one.description() }));
}

async function completionOf(completes: Completes | undefined, ask: Ask): Promise<Completion> {
  if (completes === undefined) return { candidates: [], withFiles: false };
  if (completes === 'files') return { candidates: [], withFiles: true };
  if (typeof completes !== 'string') return { candidates: completes.map((word) => ({ word, about: '' })), withFiles: false };
  return { candidates: await ask(completes), withFiles: completes === 'targets' };
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The scripts: candidates come one a line with a tab before what they are, and a last line ":files" asks for files as well. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of throughline
_throughline() {
  local IFS=$'\\n' line word files=0
  local -a found=()
  # The words up to the cursor, as the shell splits them by blanks alone: ":" and "=" belong to addresses and options.
  local -a words=()
  local part joined="\${COMP_LINE:0:COMP_POINT}"
  IFS=$' \\t\\n' read -r -a words <<< "$joined"
  [[ $joined == *[[:space:]] ]] && words+=("")
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then files=1; continue; fi
    found+=("\${line%%$'\\t'*}")
  done < <(throughline __complete -- "\${words[@]:1}" 2>/dev/null)
  word="\${words[-1]}"
  COMPREPLY=()
  for part in "\${found[@]}"; do COMPREPLY+=("$(printf '%q' "$part")"); done
  if ((files)); then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
  fi
  # The shell replaces what stands behind the last ":" alone.
  if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before="\${word%"\${word##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  fi
}
complete -F _throughline throughline
`,
  zsh: `#compdef throughline
_throughline() {
  local line files=0
  local -a found
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then files=1; continue; fi
    local word="\${line%%$'\\t'*}" about=""
    [[ $line == *$'\\t'* ]] && about="\${line#*$'\\t'}"
    found+=("\${word//:/\\\\:}:\${about}")
  done < <(throughline __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe 'throughline' found
  (( files )) && _files
}
compdef _throughline throughline
`,
  fish: `# fish completion of throughline
function __throughline_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (throughline __complete -- $words[2..-1] 2>/dev/null)
    for line in $found
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c throughline -f -a '(__throughline_complete)'
`,
};

/** What `__complete` prints. A word with a line end cannot be offered. */
export function* completionLines({ candidates, withFiles }: Completion): Iterable<string> {
  for (const { word, about } of candidates) {
    if (!/[\n\t]/.test(word)) yield about === '' ? word : `${word}\t${about.replaceAll(/\s+/g, ' ')}`;
  }
  if (withFiles) yield ':files';
}
