import { readFile } from 'node:fs/promises';
import { machineIdOf } from '../machine-id.ts';

/** The board's own id first: a disk that was copied to another machine has the other file too. */
const files = ['/sys/class/dmi/id/product_uuid', '/etc/machine-id'] as const;

/** Which machine this is; null: it does not say. Only root may read the board's: another account is told nothing. */
export async function linuxMachineId(paths: readonly string[] = files): Promise<string | null> {
  for (const path of paths) {
    try {
      const id = machineIdOf(await readFile(path, 'utf8'));
      if (id !== null) return id;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return null;
    }
  }
  return null;
}
