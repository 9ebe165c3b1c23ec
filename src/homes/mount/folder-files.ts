import { createHash } from 'node:crypto';
import { mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv, CommandResult, Host } from '../../host/host.ts';
import type { Identity } from '../../host/local.ts';
import { pipeCommands } from '../../host/pipe-commands.ts';
import { diskFullCode } from '../../platform/disk-full.ts';
import type { Platform } from '../../platform/platform.ts';
import { fullDiskAccessRemedy } from '../../host/full-disk-access.ts';
import { nameList, isBsdtar, tarCommands } from '../../platform/tar.ts';
import { ensurePrivate, onDisk } from '../lock/lock-directory.ts';
import { withOpenPlace, type OpenPlace, type PlaceIn } from './open-place.ts';
import { makePrivatePlace, removePrivatePlaces } from './private-place.ts';

/** What becomes of directories on this machine when a folder is excluded. */
export interface FolderFiles {
  /** With the rights of its owner, to whom alone it is open: what they put in the way leads nowhere else. Throws `command-failed`. */
  makeDirectory(path: string, owner: Identity, signal: AbortSignal): Promise<void>;
  /** All of a directory, its own attributes too, into another that is there. As root. Throws `no-space`, `quota-exceeded`. */
  copyTree(from: string, into: string, signal: AbortSignal): Promise<void>;
  /** Runs a task on a directory of a home that is held open. Throws `in-the-way` where it, or what leads to it, is none. */
  withPlace<T>(place: PlaceIn, task: (place: OpenPlace) => Promise<T>): Promise<T>;
  /** A path without control characters that leads to this one: `zfs list` has a line for each dataset. */
  plainPathTo(path: string): Promise<string>;
  /** A new directory to mount something at where nobody but root gets to. */
  makePrivatePlace(): Promise<string>;
  /** Removes those that nothing is mounted at any more. */
  removePrivatePlaces(): Promise<void>;
}

export interface FolderFilesParts {
  readonly kind: Platform['kind'];
  readonly root: Host;
  readonly hostAs: (identity: Identity) => Host;
  readonly stateDir: string;
}

/** This machine's. */
export function systemFolderFiles({ kind, root, hostAs, stateDir }: FolderFilesParts): FolderFiles {
  return {
    async makeDirectory(path, owner, signal) {
      const argv: Argv = ['mkdir', '-m', '700', path];
      const result = await hostAs(owner).run(argv, { signal });
      if (result.exitCode !== 0) throw failure(argv, result);
    },
    async copyTree(from, into, signal) {
      const { create, extract } = tarCommands(kind, from, into, { asRoot: true });
      const ended = await pipeCommands(
        { host: root, argv: create },
        { host: root, argv: extract },
        { input: nameList([Buffer.alloc(0)]), signal },
      );
      if (ended.into.exitCode !== 0) throw failure(extract, ended.into);
      if (ended.from.exitCode !== 0) throw failure(create, ended.from);
    },
    withPlace: (place, task) => withOpenPlace(kind, place, task),
    // oxlint-disable-next-line no-control-regex -- these are what is looked for
    plainPathTo: (path) => (/[\x00-\x1f\x7f]/.test(path) ? linkTo(path, stateDir) : Promise.resolve(path)),
    makePrivatePlace: () => makePrivatePlace(stateDir),
    removePrivatePlaces: () => removePrivatePlaces(stateDir),
  };
}

/** In a directory of root's. What it leads to is in its name, so that one that is there is right. */
async function linkTo(path: string, stateDir: string): Promise<string> {
  const link = join(stateDir, 'folders', createHash('sha256').update(path).digest('hex').slice(0, 32));
  return onDisk(link, async () => {
    await ensurePrivate(stateDir);
    await mkdir(dirname(link), { recursive: true, mode: 0o700 });
    await ensurePrivate(dirname(link));
    try {
      await symlink(path, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || (await readlink(link)) !== path) throw error;
    }
    return link;
  });
}

function failure(argv: Argv, { stderr, exitCode, signal }: CommandResult): RoamhomeError {
  const why = stderr.trim().split('\n')[0] ?? '';
  const full = diskFullCode(stderr);
  return new RoamhomeError({
    code: full ?? 'command-failed',
    message: `${argv[0]}: ${why || `it ended with ${exitCode ?? signal ?? 'no exit code'}`}`,
    remedy:
      full === null
        ? ((isBsdtar(argv) ? fullDiskAccessRemedy(stderr) : null) ??
          'The folder stays as it is, in the home. See to what is said, and run it again.')
        : 'The folder stays as it is, in the home. Free space (its files are copied within the pool), and run it again.',
  });
}
