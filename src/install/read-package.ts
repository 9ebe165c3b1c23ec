import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoamhomeError } from '../errors/errors.ts';
import type { PackageTexts } from './wanted.ts';

/** The texts in these folders of the package: `launchd/org.roamhome.thin.plist` and so on. Throws `file-unreadable`. */
export async function readPackage(directory: string, folders: readonly string[]): Promise<PackageTexts> {
  const texts = new Map<string, string>();
  for (const folder of folders) {
    try {
      for (const name of await readdir(join(directory, folder)))
        texts.set(`${folder}/${name}`, await readFile(join(directory, folder, name), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new RoamhomeError({
        code: 'file-unreadable',
        message: `${join(directory, folder)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ''}`,
        remedy: 'Unpack roamhome.tgz whole, and run the roamhome in it.',
        cause: error,
      });
    }
  }
  return texts;
}
