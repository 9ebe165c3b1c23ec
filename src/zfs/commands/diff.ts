import type { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import type { DatasetName, SnapshotName } from '../names.ts';
import { outputUnknown } from '../parse.ts';

/** What `zfs diff -F` tells of a file; it knows more kinds, which nobody here asks for. */
export type FileType = 'file' | 'directory' | 'symlink' | 'other';

/** A path as the mounted dataset has it, from the root of the file system; null: its name is no UTF-8. */
export type DiffPath = string | null;

/** One line of `zfs diff`: what became of one object of the dataset since the snapshot. */
export type DiffEntry =
  | { readonly change: 'added' | 'removed' | 'modified'; readonly type: FileType; readonly path: DiffPath }
  /** Names were added (positive) or removed, of a file that has several: the path is one of them. */
  | { readonly change: 'links'; readonly type: FileType; readonly path: DiffPath; readonly by: number }
  | {
      readonly change: 'renamed';
      readonly type: FileType;
      readonly path: DiffPath;
      readonly to: DiffPath;
    };

/** A line for each object that differs between the snapshot and the dataset as it is now, or another snapshot; none: no file differs. */
export function diffArgv(since: SnapshotName, now: DatasetName | SnapshotName): Argv {
  return ['zfs', 'diff', '-HF', since, now];
}

const changes: ReadonlyMap<string, 'added' | 'removed' | 'modified'> = new Map([
  ['+', 'added'],
  ['-', 'removed'],
  ['M', 'modified'],
]);

const types: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ['F', 'file'],
  ['/', 'directory'],
  ['@', 'symlink'],
  // Block and character devices, doors, pipes, event ports, sockets, and what the mode does not tell.
  ...'BC>|P=?'.split('').map((letter) => [letter, 'other'] as const),
]);

/**
 * A line of `zfs diff -HF`: `CHANGE\tTYPE\tPATH`, with a second path where it is `R`, or with `(+1)` where the number
 * of names of a file changed (lib/libzfs/libzfs_diff.c of OpenZFS 2.3). Throws `zfs-output-unknown`.
 */
export function parseDiffLine(line: string): DiffEntry {
  const [sign = '', letter = '', path, last, ...more] = line.split('\t');
  const unknown = (): RoamhomeError => outputUnknown('a line of a diff', line);
  const type = types.get(letter);
  if (type === undefined || path === undefined || more.length > 0) throw unknown();
  const shown = decodePath(path, line);
  if (sign === 'R' && last !== undefined)
    return { change: 'renamed', type, path: shown, to: decodePath(last, line) };
  const change = changes.get(sign);
  if (change === undefined) throw unknown();
  if (last === undefined) return { change, type, path: shown };
  const by = /^\(([+-]\d{1,9})\)$/.exec(last)?.[1];
  if (sign !== 'M' || by === undefined) throw unknown();
  return { change: 'links', type, path: shown, by: Number(by) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Everything but printable ASCII comes as a backslash and four octal digits a byte, the backslash itself too. */
function decodePath(text: string, line: string): DiffPath {
  if (!/^(?:[!-[\]-~]|\\0[0-3][0-7]{2})+$/.test(text)) throw outputUnknown('a path', line);
  const bytes = Buffer.from(
    text.replace(/\\(\d{4})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  );
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
