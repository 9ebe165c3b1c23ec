import { RoamhomeError } from '../errors/errors.ts';
import type { HomeState } from '../replication/home-state.ts';
import type { FileStatus } from '../replication/file-facts.ts';
import type { Session } from './session.ts';

/**
 * The way from the top of a home to a folder. `there`: plain directories all along; `missing`: from that name on there is
 * nothing; `blocked`: a symlink, a file or another file system, by which a mount would get to another place.
 */
export type Way =
  | { readonly kind: 'there' }
  | { readonly kind: 'missing'; readonly names: readonly string[]; readonly below: string }
  | { readonly kind: 'blocked'; readonly why: string };

/** Follows the way without following a symlink. `top`: where the home is mounted. */
export async function wayTo(
  { files }: Pick<Session, 'files'>,
  home: HomeState,
  top: string,
  path: string,
): Promise<Way> {
  const names = path.split('/');
  const datasets = new Set(home.datasets.map((dataset) => dataset.path));
  let above: FileStatus | null = await files.statusOf(`${top}/.`);
  for (const [index] of names.entries()) {
    const way = names.slice(0, index + 1).join('/');
    const found = await files.statusOf(`${top}/${way}`);
    if (found === null)
      return { kind: 'missing', names: names.slice(index), below: [top, ...names.slice(0, index)].join('/') };
    if (found.type !== 'directory') return { kind: 'blocked', why: `${JSON.stringify(way)} is no directory` };
    const isOther = above !== null && found.device !== above.device && !datasets.has(way);
    // At the folder itself its own dataset may be mounted.
    if (isOther && index < names.length - 1)
      return { kind: 'blocked', why: `another file system is mounted at ${JSON.stringify(way)}` };
    above = found;
  }
  return { kind: 'there' };
}

/** `in-the-way`, for what keeps something from being mounted in a home. */
export function blockedError(path: string, why: string): RoamhomeError {
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${JSON.stringify(path)} of the home cannot be mounted: ${why}`,
    remedy: 'Make it a plain directory again, all the way to it. Nothing was mounted there.',
  });
}
