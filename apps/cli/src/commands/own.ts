// The verbs that DVC does not have: signing in, completion, and the server's own words.

import type { CommandSpec } from '../command.ts';

export const OWN: readonly CommandSpec[] = [
  {
    name: 'login',
    summary: 'store a token for a Throughline server',
    details:
      'The token is asked for, or read from the standard input; the server is asked whether it knows it, and it is kept in a file that you alone can read. ' +
      'THROUGHLINE_TOKEN goes before what is stored: for the server that THROUGHLINE_URL names, or without that for one of this machine.',
    operands: [{ name: '<url>', about: "the server's address: https://data.example, or throughline://data.example" }],
    examples: ['throughline login https://data.example', 'throughline login http://localhost:4000 < token.txt'],
    load: async () => (await import('../actions/login.ts')).login,
  },
  {
    name: 'logout',
    summary: 'forget the token for a Throughline server',
    operands: [{ name: '<url>', about: "the server's address" }],
    examples: ['throughline logout https://data.example'],
    load: async () => (await import('../actions/login.ts')).logout,
  },
  {
    name: 'completion',
    summary: 'print the completion script for a shell',
    operands: [{ name: '<shell>', about: 'bash, zsh or fish', completes: ['bash', 'zsh', 'fish'] }],
    examples: [
      'source <(throughline completion bash)                     # in ~/.bashrc',
      'source <(throughline completion zsh)                      # in ~/.zshrc, behind compinit',
      'throughline completion fish > ~/.config/fish/completions/throughline.fish',
    ],
    load: async () => (await import('../actions/completion.ts')).run,
  },
  {
    name: '__complete',
    summary: 'what may stand in the place of the last word; the scripts of completion call it',
    isHidden: true,
    operands: [{ name: '[words...]', about: 'the line so far, without the name of the command' }],
    load: async () => (await import('../actions/completion.ts')).complete,
  },
];
