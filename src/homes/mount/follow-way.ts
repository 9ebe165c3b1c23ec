import type { FileFacts, FileStatus } from './file-facts.ts';

/**
 * The way from the top of a home to a directory. `there`: plain directories all along; `missing`: from that name on there is
 * nothing; `blocked`: a symlink, a file or another file system, by which a mount would get to another place.
 */
export type Way =
  | { readonly kind: 'there'; readonly isMountpoint: boolean }
  | { readonly kind: 'missing'; readonly names: readonly string[]; readonly below: string }
  | { readonly kind: 'blocked'; readonly why: string };

export interface WayWanted {
  /** Where the home is mounted. */
  readonly top: string;
  /** Below it: `Documents/Work`. */
  readonly path: string;
  /** Where other datasets of the home are mounted. */
  readonly mounted: ReadonlySet<string>;
}

/** Follows the way without following a symlink. What it says holds as long as nobody can change the home. */
export async function followWay(files: FileFacts, { top, path, mounted }: WayWanted): Promise<Way> {
  const names = path.split('/');
  let above: FileStatus | null = await files.statusOf(`${top}/.`);
  let isMountpoint = false;
  for (const [index] of names.entries()) {
    const way = names.slice(0, index + 1).join('/');
    const found = await files.statusOf(`${top}/${way}`);
    if (found === null)
      return { kind: 'missing', names: names.slice(index), below: [top, ...names.slice(0, index)].join('/') };
    if (found.type !== 'directory') return { kind: 'blocked', why: `${JSON.stringify(way)} is no directory` };
    isMountpoint = above !== null && found.device !== above.device;
    if (isMountpoint && !mounted.has(way) && index < names.length - 1)
      return { kind: 'blocked', why: `another file system is mounted at ${JSON.stringify(way)}` };
    above = found;
  }
  return { kind: 'there', isMountpoint };
}
