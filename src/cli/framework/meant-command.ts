import { suggest } from '../../config/suggest.ts';
import type { CommandDoc } from './record-commands.ts';

/** The command that a command line names, as far as it names one. */
export interface Meant {
  /** The program itself where no command is named. */
  readonly command: CommandDoc;
  /** Its words, without operands: `conflicts show`; '' for the program. */
  readonly words: string;
  readonly operands: readonly string[];
  /** A word that stands where a command should, and is none. */
  readonly unknown: { readonly word: string; readonly near: string | null } | null;
}

/** Follows the words of a command line down the commands. */
export function meantCommand(program: CommandDoc, args: readonly string[]): Meant {
  let command = program;
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (arg.startsWith('-')) {
      if (takesNext([...program.options, ...command.options], arg)) at += 1;
      continue;
    }
    if (command.commands.length === 0) {
      operands.push(arg);
      continue;
    }
    const below = command.commands.find((one) => lastWord(one) === arg);
    if (below === undefined)
      return {
        ...{ command, words: wordsOf(command), operands: [] },
        unknown: { word: arg, near: suggest(arg, command.commands.map(lastWord)) },
      };
    command = below;
  }
  return { command, words: wordsOf(command), operands, unknown: null };
}

/** Whether `-h` or `--help` is among the options. */
export function isHelpAsked(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args
    .slice(0, end < 0 ? args.length : end)
    .some((arg) => arg === '--help' || arg === '--help=true' || /^-[a-zA-Z]*h[a-zA-Z]*$/.test(arg));
}

/** The command line with which yargs knows `help [COMMAND]` and `version`. */
export function plainWords(args: readonly string[]): readonly string[] {
  if (args[0] === 'help') return [...args.slice(1), '--help'];
  if (args[0] === 'version') return [...args.slice(1), '--version'];
  return args;
}

function takesNext(options: CommandDoc['options'], arg: string): boolean {
  const name = /^--?(.*)$/.exec(arg)?.[1];
  return options.some(
    (option) => option.takesValue && name !== undefined && [option.name, ...option.alias].includes(name),
  );
}

function wordsOf({ usage }: CommandDoc): string {
  return usage.replaceAll(/ *[<[][^>\]]*[>\]]/g, '');
}

function lastWord(command: CommandDoc): string {
  return wordsOf(command).split(' ').at(-1) ?? '';
}
