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
  | {
      readonly kind: 'pipe';
      readonly send: Command;
      readonly receive: Command;
      /** The stream ends after so many bytes. */
      readonly cut: number | null;
      /** A command that runs once so many bytes have gone by. */
      readonly meanwhile: { readonly bytes: number; readonly command: Command } | null;
    }
  | { readonly kind: 'edit'; readonly words: readonly string[] };

/** What a step printed. A pipeline has two: the sender's, and the receiver's. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
}

const edits = ['write', 'fsync', 'mkdir', 'remove', 'rename', 'chmod', 'open', 'close', 'fill', 'drain'];

/** What a command can be given to read, by the word that stands for it. */
const inputs: ReadonlyMap<string, string> = new Map([
  ['thinning-program', thinningProgram],
  ['passphrase', 'correct horse battery staple\n'],
]);

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
 * `[as USER] zfs WORDS`, `COMMAND | COMMAND`, `COMMAND | cut BYTES | COMMAND`, `COMMAND | after BYTES COMMAND | COMMAND`, or an edit of a mounted file: `write PATH
 * BYTES`, `fsync PATH BYTES` (the same, and on disk before its transaction group is), `mkdir PATH`, `remove PATH`, `rename PATH PATH`, `chmod MODE PATH`. `open PATH` is a program that keeps the file open until
 * `close`, `fill POOL` a dataset that reserves all of the pool but 4 KiB until `drain POOL`. TOKEN(DATASET) stands for a resume
 * token; a command followed by `< thinning-program` or `< passphrase` reads that.
 */
export function parseStep(line: string): Step {
  const [first = '', ...others] = line.split(' | ');
  const words = first.split(' ');
  if (edits.includes(words[0] ?? '')) return { kind: 'edit', words };
  const last = others.at(-1);
  if (last === undefined) return { kind: 'zfs', command: readCommand(first) };
  const between = others.length === 2 ? (others[0] ?? '') : null;
  const [, bytes, command] = /^after (\d+) (.+)$/.exec(between ?? '') ?? [];
  const meanwhile = command === undefined ? null : { bytes: Number(bytes), command: readCommand(command) };
  const cut = between === null || meanwhile !== null ? null : Number(/^cut (\d+)$/.exec(between)?.[1]);
  return { kind: 'pipe', send: readCommand(first), receive: readCommand(last), cut, meanwhile };
}
