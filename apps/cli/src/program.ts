// The command line as a whole: the tree of verbs, what is common to all of them, and how they end. Exit codes: 0 it is done; 1 it failed, or
// found what the verb's help says; 2 the line cannot be read; 130 it was interrupted.

import { resolve } from 'node:path';

import { Command, CommanderError, Option } from 'commander';
import { createTerminal, DomainError, nearest } from '@throughline/kernel';
import type { Terminal } from '@throughline/kernel';

import { checkCount, createOptions, usage } from './command.ts';
import type { CommandLine, CommandSpec, OptionSpec } from './command.ts';
import { GROUPS } from './commands/index.ts';
import { askOnce, confirmWith, readAll, readSecret } from './input.ts';
import { createReporter } from './reporter.ts';
import { isServerWord, refuseServerWord, SERVER_HELP } from './server-words.ts';
import { readColours, readSettings } from './settings.ts';
import { tokenFinder } from './tokens.ts';
import { VERSION } from './version.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const COMMON: readonly OptionSpec[] = [
  { flags: '--json', about: 'answer one JSON value on the standard output' },
  { flags: '-q, --quiet', about: 'say nothing but errors' },
  { flags: '-v, --verbose', about: 'say more where something fails' },
];

const AFTER = `
${SERVER_HELP}
Every verb takes --help, --json, --quiet and --verbose. Exit codes: 0 done; 1 failed, or differs where the verb says so; 2 the line cannot be
read; 130 interrupted. NO_COLOR and FORCE_COLOR decide on colours. It works on the same repositories as DVC, in turn with it.`;

/** Runs one line; answers its exit code. */
export async function runProgram(line: readonly string[]): Promise<number> {
  const terminal = createTerminal({ out: process.stdout, err: process.stderr, colours: readColours(), progress: 'bar' });
  const isJson = line.includes('--json');
  const interrupt = new AbortController();
  const stopListening = abortOnSignals(interrupt, terminal);
  let exitCode: number = EXIT.done;
  try {
    const settings = readSettings();
    const program = buildProgram(async (spec, command) => {
      exitCode = await runCommand({ spec, command, terminal, settings, signal: interrupt.signal, program });
    }, verbOf(line));
    if (isServerWord(line)) refuseServerWord(line);
    await program.parseAsync([...line], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (interrupt.signal.aborted) {
      terminal.note('Interrupted. Nothing is half done; run it again to go on.');
      return EXIT.interrupted;
    }
    return tellFailure(error, { terminal, isJson, isVerbose: line.includes('-v') || line.includes('--verbose') });
  } finally {
    stopListening();
  }
}

/** All verbs, and the tree of them that runs none. */
export const COMMAND_LINE: CommandLine = {
  verbs: GROUPS.flatMap(({ commands }) => commands),
  build: () => buildProgram(async () => undefined),
};

type Run = (spec: CommandSpec, command: Command) => Promise<void>;

/** The verb that a line begins with; null where it is none, and then help or what was meant needs all of them. */
function verbOf(line: readonly string[]): string | null {
  const [word] = line[0] === '--cd' ? line.slice(2) : line;
  const found = COMMAND_LINE.verbs.find(({ name, aliases = [] }) => word !== undefined && [name, ...aliases].includes(word));
  return found?.name ?? null;
}

/** The tree of verbs, for whoever runs one or completes a line. With `only`, of that verb alone: fifty of them take as long to make as a status takes. */
export function buildProgram(run: Run, only: string | null = null): Command {
  const program = new Command('throughline')
    .description('Versions data beside Git, in the formats of DVC, and talks to a Throughline server.')
    .version(VERSION, '-V, --version', 'the release')
    .option('--cd <path>', 'work in this folder')
    .helpOption('-h, --help', 'this text; of a verb behind its name: throughline add --help')
    .addHelpText('after', AFTER)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.helpCommand('help [command]', 'help of a verb');
  for (const { title, commands } of GROUPS) {
    for (const spec of commands) if (only === null || spec.name === only) attach(program, spec, '', run).helpGroup(`${title}:`);
  }
  return program;
}

function attach(parent: Command, spec: CommandSpec, before: string, run: Run): Command {
  const path = `${before}${spec.name}`;
  const command = parent
    .command(spec.name, { hidden: spec.isHidden === true })
    .summary(spec.summary)
    .description(sentence(spec))
    .helpOption('-h, --help', 'this text')
    .aliases(spec.aliases ?? []);
  for (const below of spec.commands ?? []) attach(command, below, `${path} `, run);
  if (spec.load === undefined) {
    command.helpCommand(false);
    command.argument('[verb...]').action(([verb]: string[]) => {
      throw whichVerb(spec, path, verb);
    });
    command.usage('<verb> [options]');
    return command;
  }
  for (const { name, about } of spec.operands ?? []) command.argument(name, about);
  for (const option of [...(spec.options ?? []), ...COMMON]) command.addOption(optionOf(option, path));
  if (spec.name === '__complete') command.allowUnknownOption().passThroughOptions();
  if (spec.examples !== undefined) command.addHelpText('after', `\nExamples:\n${spec.examples.map((one) => `  ${one}`).join('\n')}`);
  return command.action(() => run(spec, command));
}

function sentence({ summary, details }: CommandSpec): string {
  const first = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return details === undefined ? first : `${first}\n${details}`;
}

function optionOf(
  { flags, about, conflicts = [], choices, isCount = false, isRepeated = false, isHidden = false }: OptionSpec,
  path: string,
): Option {
  const option = new Option(flags, about).conflicts([...conflicts]).hideHelp(isHidden);
  if (isCount) option.argParser((text) => checkCount(text, flags, path));
  else if (isRepeated)
    option.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), checkChoice(text, { choices, flags, path })]);
  return option;
}

function checkChoice(
  text: string,
  { choices, flags, path }: { choices: readonly string[] | undefined; flags: string; path: string },
): string {
  if (choices === undefined || choices.includes(text)) return text;
  const meant = nearest(text, choices);
  throw usage(
    `${flags.split(' ')[0] ?? flags} takes ${choices.join(' or ')}, not '${text.slice(0, 40)}'.${meant === null ? '' : ` Did you mean ${meant}?`}`,
    path,
  );
}

function whichVerb(spec: CommandSpec, path: string, verb: string | undefined): DomainError {
  const known = (spec.commands ?? []).map(({ name }) => name);
  if (verb === undefined) return usage(`Which verb? There is: ${known.join(', ')}.`, path);
  const meant = nearest(verb, known);
  return usage(
    `There is no '${path} ${verb.slice(0, 40)}'.${meant === null ? ` There is: ${known.join(', ')}.` : ` Did you mean '${path} ${meant}'?`}`,
    path,
  );
}

interface Called {
  spec: CommandSpec;
  command: Command;
  program: Command;
  terminal: Terminal;
  settings: ReturnType<typeof readSettings>;
  signal: AbortSignal;
}

async function runCommand({ spec, command, program, terminal, settings, signal }: Called): Promise<number> {
  if (spec.load === undefined) return EXIT.usage;
  const action = await spec.load();
  const options = createOptions(command.opts());
  const isQuiet = options.flag('quiet');
  const isJson = options.flag('json');
  const cd: unknown = program.opts()['cd'];
  const answer = await action({
    commandLine: COMMAND_LINE,
    surroundings: {
      workingFolder: resolve(typeof cd === 'string' ? cd : '.'),
      homeFolder: settings.homeFolder,
      globalConfigFolder: settings.globalConfigFolder,
      systemConfigFolder: settings.systemConfigFolder,
      reporter: createReporter({ terminal, isQuiet }),
      signal,
      tokenFor: tokenFinder(settings),
      proxies: settings.proxies,
      askSecret: askOnce(),
    },
    settings,
    terminal,
    operands: command.args,
    options,
    isJson,
    isQuiet,
    confirm: confirmWith(terminal),
    readSecret: (question) => readSecret(question),
    readInput: () => readAll(process.stdin),
  });
  if (isJson) terminal.say(JSON.stringify(answer.value));
  else if (!isQuiet && answer.lines !== undefined) for (const one of answer.lines()) terminal.say(one);
  for (const one of answer.problems?.() ?? []) terminal.note(one);
  return answer.exitCode ?? EXIT.done;
}

/** A launcher may pass on what the terminal has told us already. */
const ECHO_MS = 500;

/** The first signal ends the work in order, the second one at once. */
function abortOnSignals(interrupt: AbortController, terminal: Terminal): () => void {
  let lastMs = 0;
  const onSignal = () => {
    if (Date.now() - lastMs < ECHO_MS) return;
    lastMs = Date.now();
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    terminal.note('Stopping …');
    interrupt.abort(new DOMException('The command was interrupted.', 'AbortError'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

interface Telling {
  terminal: Terminal;
  isJson: boolean;
  isVerbose: boolean;
}

/** What the system says of the machine, wherever that was met: no mistake of ours. */
const SYSTEM = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'ENOMEM', 'EBUSY', 'ESTALE', 'EFBIG']);

function ofSystem(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !SYSTEM.has(error.code)) return error;
  return new DomainError({ kind: 'unavailable', code: 'SYSTEM', message: `The system refused it: ${error.message}.`, cause: error });
}

function tellFailure(thrown: unknown, { terminal, isJson, isVerbose }: Telling): number {
  const error = ofSystem(thrown);
  if (error instanceof CommanderError) return tellUnread(error, { terminal, isJson });
  if (!(error instanceof DomainError)) {
    terminal.note(`${terminal.alarm('error:')} this is a mistake of throughline ${VERSION}:`);
    terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (isJson) terminal.say(JSON.stringify({ error: { kind: 'internal', code: 'DEFECT', message: String(error) } }));
    return EXIT.failed;
  }
  const { kind, code, message, hint, details } = error;
  terminal.note(`${terminal.alarm('error:')} ${message}`);
  if (hint !== undefined) terminal.note(hint);
  if (isVerbose)
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) terminal.note(`caused by: ${cause.stack ?? cause.message}`);
  if (isJson) terminal.say(JSON.stringify({ error: { kind, code, message, ...(hint === undefined ? {} : { hint }), details } }));
  return code === 'USAGE' ? EXIT.usage : code === 'INTERRUPTED' ? EXIT.interrupted : EXIT.failed;
}

/** What commander could not read, or the help that it has printed. */
function tellUnread(error: CommanderError, { terminal, isJson }: Pick<Telling, 'terminal' | 'isJson'>): number {
  if (error.exitCode === 0) return EXIT.done;
  const message = error.message.replace(/^error: /, '').replace(/\s*\(Did you mean (.*)\?\)$/s, '; did you mean $1?');
  if (error.code === 'commander.help') {
    terminal.note(COMMAND_LINE.build().helpInformation());
    terminal.note(AFTER);
    return EXIT.usage;
  }
  terminal.note(`${terminal.alarm('error:')} ${message}`);
  terminal.note('throughline --help lists the verbs; throughline <verb> --help says what one takes.');
  if (isJson) terminal.say(JSON.stringify({ error: { kind: 'invalid', code: 'USAGE', message } }));
  return EXIT.usage;
}
