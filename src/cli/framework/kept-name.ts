import { lstat, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '../../config/merge.ts';
import { replaceFile } from '../../host/replace-file.ts';

/** A name that a machine has only for now, by its address, is not kept. */
const passing = /^(\d+|localhost|mac)$/;

/**
 * The configuration with the name that this machine was first called by, where no setting names it: macOS and networks change
 * host names, and a machine of another name is another to the server. `keep`: this is the first use, if there was none yet.
 */
export async function withKeptName(
  loaded: LoadedConfig,
  { keep }: { readonly keep: boolean },
): Promise<LoadedConfig> {
  const { config, origins, replaced } = loaded;
  if (origins.get('local.macName') !== 'default') return loaded;
  // By mistake: it had another name, or another place for it.
  if (replaced.has('local.macName') || replaced.has('local.spoolDir')) return loaded;
  const path = join(dirname(config.local.spoolDir), 'mac-name');
  const kept = await readOwn(path);
  if (kept !== null)
    return {
      ...loaded,
      config: { ...config, local: { ...config.local, macName: kept } },
      origins: new Map([...origins, ['local.macName', path]]),
    };
  if (keep && !passing.test(config.local.macName)) await write(path, config.local.macName);
  return loaded;
}

/** null: there is none, or not one that only this account can have written. */
async function readOwn(path: string): Promise<string | null> {
  try {
    const { uid, mode } = await lstat(path);
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return null;
    const [, name = null] = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)\n$/.exec(await readFile(path, 'utf8')) ?? [];
    return name;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

/** A disk that takes nothing now keeps nobody from logging in: the next run tries again. */
async function write(path: string, name: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, `${name}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
