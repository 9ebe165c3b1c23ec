import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { RoamhomeError } from '../errors/errors.ts';
import { errnoOf } from './command-errors.ts';
import { weakPlaceOn } from './others-can-change.ts';
import { shellWord } from './shell-word.ts';

/** What a file is read for, and who else than its owner may do what with it. */
interface Guard {
  readonly purpose: string;
  readonly limitBytes: number;
  /** Mode bits that others than the owner must not have. */
  readonly refused: number;
  readonly chmod: string;
  readonly others: string;
}

const secret: Guard = {
  purpose: 'to hold a secret',
  // A 16384-bit RSA key takes 13 KiB.
  limitBytes: 64 * 1024,
  refused: 0o077,
  chmod: 'chmod 600',
  others: 'get at',
};

const trusted: Guard = {
  purpose: 'to be trusted',
  limitBytes: 16 * 1024 * 1024,
  refused: 0o022,
  chmod: 'chmod go-w',
  others: 'change',
};

/** Makes the error of a file that is not to be used. `commands`: the remedy; `cause`: why it could not be opened. */
export type Refuse = (
  message: string,
  remedy: string,
  more: { readonly commands?: readonly string[]; readonly cause?: unknown },
) => RoamhomeError;

/** The text of a file that holds a secret: only its owner, root or whoever runs this, may read or write it. */
export function readOwnFile(file: string, refuse: Refuse): string {
  return readGuarded(file, secret, refuse);
}

/**
 * The text of a file that is believed: only root or whoever runs this may write it, or put another in its place anywhere on the
 * way to it. Everybody may read it.
 */
export function readTrustedFile(file: string, refuse: Refuse): string {
  const text = readGuarded(file, trusted, refuse);
  const place = weakPlaceOn(file, [0, process.getuid?.() ?? 0]);
  if (place === null) return text;
  const word = shellWord(place);
  const commands = [`chown root ${word}`, `chmod go-w ${word}`];
  throw refuse(
    `others than root can change ${place}, and so put another file in the place of ${file}`,
    commands.join(' && '),
    { commands },
  );
}

/** Checks the file that was opened, not its path: the two could be different files a moment later. */
function readGuarded(file: string, guard: Guard, refuse: Refuse): string {
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
    if (!status.isFile() || size > guard.limitBytes) {
      throw refuse(
        `${file} is ${status.isFile() ? 'too large' : 'not a file'} ${guard.purpose}`,
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
    if ((mode & guard.refused) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      const command = `${guard.chmod} ${shellWord(file)}`;
      throw refuse(`others than its owner can ${guard.others} ${file} (mode ${octal})`, command, {
        commands: [command],
      });
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
