import { execFile } from 'node:child_process';
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** As many links as systems follow themselves (ELOOP). */
const mostLinks = 40;

/** A place on the way to a path: a directory, a link, or what is at its end. */
interface Place {
  readonly path: string;
  readonly uid: number;
  readonly mode: number;
  readonly isLink: boolean;
}

/** Every place that the system goes through to get to a path, each link on the way and where it leads to. Throws as lstat does. */
function wayTo(path: string): readonly Place[] {
  const left = path.split('/').filter((name) => name !== '');
  const way: Place[] = [placeAt('/')];
  let [at, links] = ['/', 0];
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const next = join(at, name);
    const place = placeAt(next);
    way.push(place);
    if (!place.isLink) at = next;
    else if (++links > mostLinks)
      throw Object.assign(new Error(`too many links: ${path}`), { code: 'ELOOP' });
    else {
      const target = readlinkSync(next);
      if (target.startsWith('/')) at = '/';
      left.unshift(...target.split('/').filter((one) => one !== '' && one !== '.'));
    }
  }
  return way;
}

function placeAt(path: string): Place {
  const { uid, mode } = lstatSync(path);
  return { path, uid, mode, isLink: (mode & 0o170000) === 0o120000 };
}

/**
 * What others than these could replace the file at a path by: itself, or a directory or a link on the way to it, also between
 * links. Null: nobody can. macOS's access control lists are not looked at. Throws as lstat does.
 */
export function weakPlaceOn(path: string, owners: readonly number[] = [0]): string | null {
  return wayTo(path).find((place) => isWeak(place, owners))?.path ?? null;
}

function isWeak({ uid, mode, isLink }: Place, owners: readonly number[]): boolean {
  // In a sticky directory only the owner of an entry replaces it.
  const isOpen = !isLink && (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  return !owners.includes(uid) || isOpen;
}

/** The same for root's files, with macOS's access control lists: one `ls` more there. */
export async function othersCanChange(path: string, listAcls = aclLister()): Promise<string | null> {
  const weak = weakPlaceOn(path);
  if (weak !== null || listAcls === null) return weak;
  const places = [...new Set(wayTo(path).map((place) => place.path))];
  return weakByAcl(places, await listAcls(places));
}

/** Prints what `ls -lde` does of these paths; null: the system has no such lists. */
type ListAcls = (paths: readonly string[]) => Promise<string>;

function aclLister(): ListAcls | null {
  if (process.platform !== 'darwin') return null;
  return (paths) =>
    new Promise((resolve, reject) => {
      execFile('/bin/ls', ['-lde', ...paths], { env: { LC_ALL: 'C' } }, (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`ls: ${error.message}`, { cause: error }));
      });
    });
}

/** Rights by which a file or an entry of a directory becomes another (chmod(1) of macOS). */
const changing = /\b(?:write|append|add_file|add_subdirectory|delete|delete_child|writesecurity|chown)\b/;

/** The first path on which somebody else than root is allowed to change something. The entries of a path follow its line. Pure. */
export function weakByAcl(paths: readonly string[], listed: string): string | null {
  let at: string | null = null;
  for (const line of listed.split('\n')) {
    const entry = /^\s+\d+: (.*)$/.exec(line)?.[1];
    if (entry === undefined) at = pathOf(paths, line) ?? at;
    else {
      const [who = '', rights = ''] = entry.split(' allow ');
      if (who !== 'user:root' && changing.test(rights)) return at;
    }
  }
  return null;
}

/** Of a link `ls -l` says where it leads to. */
function pathOf(paths: readonly string[], line: string): string | undefined {
  return (
    paths.find((path) => line.includes(` ${path} -> `)) ?? paths.find((path) => line.endsWith(` ${path}`))
  );
}

/** A file, and what others than root could replace it by. */
export interface WeakFile {
  readonly path: string;
  readonly place: string;
}

/** Those of the files that others than root could replace, or put there where there is none. */
export async function weakFiles(paths: readonly string[]): Promise<readonly WeakFile[]> {
  const found: WeakFile[] = [];
  for (const path of paths) {
    const place = (await judged(path)) ?? (await judged(dirname(path)));
    if (place !== null) found.push({ path, place });
  }
  return found;
}

async function judged(path: string): Promise<string | null> {
  try {
    return await othersCanChange(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
