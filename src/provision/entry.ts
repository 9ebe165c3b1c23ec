import type { Host } from '../host/host.ts';
import { unexpectedResult } from '../platform/command-error.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { ownerWord } from './describe-change.ts';
import type { Change, Owner, WantedText } from './task.ts';

/** What is at a path. A link is not followed. */
export interface Entry {
  readonly kind: 'file' | 'directory' | 'other';
  readonly mode: number;
  readonly uid: string;
  readonly gid: string;
  readonly user: string;
  readonly group: string;
  /** Of a file; else ''. */
  readonly text: string;
}

/** One line without an exclamation mark, as apply-change.ts has it. */
const lookScript = [
  'if [ -e "$1" ] || [ -L "$1" ]; then',
  'ls -ldn "$1" && ls -ld "$1" || exit 1',
  ';if [ -L "$1" ]; then :; elif [ -f "$1" ]; then cat "$1"; fi; fi',
].join(' ');

/** Looks at a path. Null: there is nothing. Throws `command-failed`. */
export async function readEntry(host: Host, path: string, signal: AbortSignal): Promise<Entry | null> {
  const argv = ['sh', '-c', lookScript, 'sh', path] as const;
  const result = await host.run(argv, { signal });
  if (result.exitCode !== 0)
    throw unexpectedResult(
      ['ls', '-ldn', path],
      result,
      `Look at ${path} on ${host.name}, and run this again.`,
    );
  return parseEntry(result.stdout);
}

const kinds: Readonly<Record<string, Entry['kind']>> = { '-': 'file', d: 'directory' };

/** Reads `ls -ldn`'s line, `ls -ld`'s, and the file's text. Pure; throws on what it does not understand. */
export function parseEntry(output: string): Entry | null {
  if (output === '') return null;
  const [numbers = '', names = ''] = output.split('\n', 2);
  // A mark of ACLs or attributes may follow the permissions: `+`, `@`, `.`.
  const line = /^(.)([-rwxsStT]{9})[+@.]?\s+\d+\s+(\S+)\s+(\S+)\s/;
  const [, kind, permissions, uid, gid] = line.exec(numbers) ?? [];
  const [, , , user, group] = line.exec(names) ?? [];
  if (kind === undefined || permissions === undefined || uid === undefined || gid === undefined)
    throw new Error(`ls printed what is not understood: ${numbers.slice(0, 200)}`);
  if (user === undefined || group === undefined)
    throw new Error(`ls printed what is not understood: ${names.slice(0, 200)}`);
  const text = output.slice(numbers.length + names.length + 2);
  return { kind: kinds[kind] ?? 'other', mode: modeOf(permissions), uid, gid, user, group, text };
}

/** `rwxr-x--T` as a number: POSIX's ls prints no other form. */
function modeOf(permissions: string): number {
  const special = [0o4000, 0o2000, 0o1000];
  return Array.from(permissions).reduce((mode, letter, index) => {
    const bit = 1 << (8 - index);
    const isSpecial = /[sStT]/.test(letter) ? (special[Math.floor(index / 3)] ?? 0) : 0;
    return mode | (/[rwxst]/.test(letter) ? bit : 0) | isSpecial;
  }, 0);
}

function belongsTo(entry: Entry, owner: Owner): boolean {
  return owner === 'root'
    ? entry.uid === '0' && entry.gid === '0'
    : entry.user === owner.user && entry.group === owner.group;
}

/** What makes a file what it is to be. Pure. */
export function fileChanges(entry: Entry | null, file: WantedText): readonly Change[] {
  const isRight =
    entry?.kind === 'file' &&
    entry.text === file.text &&
    entry.mode === file.mode &&
    belongsTo(entry, file.owner);
  return isRight ? [] : [{ kind: 'write-file', file, isNew: entry === null }];
}

/**
 * What makes a directory what it is to be. The owner first: whoever had it could undo the rest. Pure; throws where
 * something else is in its place.
 */
export function directoryChanges(
  entry: Entry | null,
  path: string,
  { mode, owner }: { readonly mode: number; readonly owner: Owner },
): readonly Change[] {
  const octal = mode.toString(8).padStart(4, '0');
  const own: Change = {
    ...{ kind: 'run', does: `give ${path} to ${owner === 'root' ? 'root' : owner.user}` },
    argv: ['chown', '-h', ownerWord(owner), path],
  };
  if (entry === null) {
    const make: Change = {
      ...{ kind: 'run', does: `make the directory ${path} (${octal})` },
      argv: ['mkdir', '-m', octal, path],
    };
    return owner === 'root' ? [make] : [make, own];
  }
  if (entry.kind !== 'directory') throw inTheWay(path);
  return [
    ...(belongsTo(entry, owner) ? [] : [own]),
    ...(entry.mode === mode
      ? []
      : [
          {
            kind: 'run' as const,
            does: `set the mode of ${path} to ${octal}`,
            argv: ['chmod', octal, path] as const,
          },
        ]),
  ];
}

function inTheWay(path: string): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${path} is no directory, and has to be one`,
    remedy: 'Look at what it is, move it away, and run this again.',
  });
}
