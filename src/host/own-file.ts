import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { RoamhomeError } from '../errors/errors.ts';
import { errnoOf } from './command-errors.ts';
import { shellWord } from './shell-word.ts';

/** The most that a file with a secret is read to: a 16384-bit RSA key takes 13 KiB. */
const SIZE_LIMIT_BYTES = 64 * 1024;

/** Makes the error of a file that is not to be used. `commands`: the remedy; `cause`: why it could not be opened. */
export type Refuse = (
  message: string,
  remedy: string,
  more: { readonly commands?: readonly string[]; readonly cause?: unknown },
) => RoamhomeError;

/**
 * The text of a file that holds a secret: only its owner, root or whoever runs this, may read or write it. Checks the file
 * that was opened, not its path: the two could be different files a moment later.
 */
export function readOwnFile(file: string, refuse: Refuse): string {
  let descriptor: number;
  try {
    // O_NONBLOCK: a pipe in the file's place must not hold up a login.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw refuse(
      `cannot read ${file}: ${errnoOf(cause) ?? String(cause)}`,
      'Run as root, or correct the path or the permissions.',
      { cause },
    );
  }
  try {
    const status = fstatSync(descriptor);
    const { mode, uid, size } = status;
    const ownUid = process.getuid?.();
    if (!status.isFile() || size > SIZE_LIMIT_BYTES) {
      throw refuse(
        `${file} is ${status.isFile() ? 'too large' : 'not a file'} to hold a secret`,
        'Correct the path.',
        {},
      );
    }
    if (uid !== 0 && uid !== ownUid) {
      const command = `chown ${ownUid === 0 ? 'root' : String(ownUid)} ${shellWord(file)}`;
      throw refuse(`${file} belongs to user id ${uid}, who could replace it`, command, {
        commands: [command],
      });
    }
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      const command = `chmod 600 ${shellWord(file)}`;
      throw refuse(`others than its owner can get at ${file} (mode ${octal})`, command, {
        commands: [command],
      });
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
