import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { findProgram } from '../../host/find-program.ts';
import { hookBeforePath, hookKinds } from '../../install/hooks.ts';
import type { InstallPlace } from '../../wire/install.ts';

/**
 * What root runs here: Node and Roamhome; zfs, wherever it is looked for until it is found; the window's program; the hooks that
 * were there before ours.
 */
export function rootRuns(
  { zfsPath, progress: { dialogProgram } }: Pick<Config, 'zfsPath' | 'progress'>,
  { node, program, root }: Pick<InstallPlace, 'node' | 'program' | 'root'>,
): readonly string[] {
  const zfs = findProgram('zfs', zfsPath);
  const places = zfsPath.map((directory) => `${directory}/zfs`);
  const before = hookKinds.map((kind) => `${root}${hookBeforePath(kind)}`).filter((file) => existsSync(file));
  const more = [
    ...(dialogProgram === undefined ? [] : [dialogProgram]),
    ...before.map((file) => readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''),
  ];
  return [
    ...[node, program],
    ...(zfs === null ? places : places.slice(0, places.indexOf(zfs) + 1)),
    ...more.filter((path) => path.startsWith('/') && existsSync(path)),
  ];
}
