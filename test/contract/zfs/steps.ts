import { thinningProgram } from '../../../src/zfs/thinning-program.ts';

/** One command of a step: its words behind `zfs`, and the account that runs it. */
export interface Command {
  readonly words: readonly string[];
  readonly user: string;
  /** What it reads. */
  readonly input: string;
}

/** A step of a case, read from its line. */
export type Step =
  | { readonly kind: 'zfs'; readonly command: Command }
  | { readonly kind: 'pipe'; readonly send: Command; readonly receive: Command; readonly cut: number | null }
  | { readonly kind: 'edit'; readonly words: readonly string[] };

/** What a step printed. A pipeline has two: the sender's, and the receiver's. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
}

const edits = ['write', 'mkdir', 'remove', 'rename', 'chmod'];

/** What a command can be given to read, by the word that stands for it. */
const inputs: ReadonlyMap<string, string> = new Map([['thinning-program', thinningProgram]]);

function readCommand(text: string): Command {
  const [line = '', from] = text.split(' < ');
  const input = from === undefined ? '' : inputs.get(from);
  if (input === undefined) throw new Error(`no such input: ${text}`);
  const words = line.trim().split(' ');
  const user = words[0] === 'as' ? (words[1] ?? '') : 'root';
  const [program, ...rest] = words[0] === 'as' ? words.slice(2) : words;
  if (program !== 'zfs') throw new Error(`not a zfs command: ${text}`);
  return { words: rest, user, input };
}

/**
 * `[as USER] zfs WORDS`, `COMMAND | COMMAND`, `COMMAND | cut BYTES | COMMAND`, or an edit of a mounted file: `write PATH
 * BYTES`, `mkdir PATH`, `remove PATH`, `rename PATH PATH`, `chmod MODE PATH`. TOKEN(DATASET) stands for a resume token; a command
 * followed by `< thinning-program` reads that.
 */
export function parseStep(line: string): Step {
  const [first = '', ...others] = line.split(' | ');
  const words = first.split(' ');
  if (edits.includes(words[0] ?? '')) return { kind: 'edit', words };
  const last = others.at(-1);
  if (last === undefined) return { kind: 'zfs', command: readCommand(first) };
  const cut = others.length === 2 ? Number(/^cut (\d+)$/.exec(others[0] ?? '')?.[1]) : null;
  return { kind: 'pipe', send: readCommand(first), receive: readCommand(last), cut };
}
