import type { Argv } from '../../host/host.ts';
import type { FileFacts } from './file-facts.ts';

/** Something that is mounted: `data/profiles/alice/Work` at `/Users/alice/Work`. */
export interface MountedAt {
  readonly source: string;
  readonly path: string;
}

/** What this machine says of what is mounted where, and what it does about a mount that got elsewhere. */
export interface MountGuard {
  readonly files: FileFacts;
  /** In the order of mounting. */
  listMounts(): Promise<readonly MountedAt[]>;
  /** How many entries a directory has. */
  countEntries(path: string): Promise<number>;
  /** Takes a mount off its place at once, though a program uses it. */
  readonly detachArgv: (path: string) => Argv;
}
