import { RoamhomeError } from '../errors/errors.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { DatasetName } from '../zfs/names.ts';

/** How a successor of a home can be made that is then renamed to it: as a clone, in full only, or not at all. */
export type Room = 'clone' | 'apart' | 'none';

/**
 * ZFS renames an encrypted dataset only within its encryption root, unless it is one itself, which no clone is. So a
 * clone of an encrypted home can take its place only where the root is above both. A raw stream in full makes an
 * encryption root. `encryptionRoot`: as zfs shows it, `-` for none. Pure.
 */
export function roomFor(
  encryptionRoot: string,
  home: DatasetName,
  conflictsRoot: DatasetName,
  flags: SendFlags,
): Room {
  if (encryptionRoot === '-' || `${conflictsRoot}/`.startsWith(`${encryptionRoot}/`)) return 'clone';
  return encryptionRoot === home && flags === 'w' ? 'apart' : 'none';
}

/** For a home that cannot make room: the line stays the home, and goes to the server as a branch. */
export function noRoomError(encryptionRoot: string, conflictsRoot: DatasetName): RoamhomeError {
  return new RoamhomeError({
    code: 'encryption-root',
    message: `the home cannot be set aside as ${conflictsRoot} is not in its encryption root, ${encryptionRoot}`,
    remedy: `Set local.conflictsRoot to a dataset below ${encryptionRoot}; where that is the home itself, let the homes have their key from a dataset above them.`,
  });
}
