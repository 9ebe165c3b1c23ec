import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface ReplaceOptions {
  readonly mode: number;
  /** Ours when not given. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Need not survive a power cut: nobody waits for the disk. */
  readonly passing?: boolean;
}

/**
 * Writes a file whole or not at all; until then it is a name with a dot in front. For its owner alone, unless `options`
 * say otherwise.
 */
export async function replaceFile(path: string, text: string, options?: ReplaceOptions): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      if (options !== undefined) {
        if (options.owner !== undefined) await handle.chown(options.owner.uid, options.owner.gid);
        // Not at open: the umask would take from it.
        await handle.chmod(options.mode);
      }
      if (options?.passing !== true) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
