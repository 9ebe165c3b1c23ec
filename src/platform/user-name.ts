import { RoamhomeError } from '../errors/errors.ts';

/**
 * Throws `user-name-invalid` for what may not become a word of a command, a part of a path or of a dataset name: an
 * option, a path into another record of the directory, an empty word. An alias may have an @; the record then tells the name.
 */
export function checkUserName(user: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,254}$/.test(user)) return;
  throw new RoamhomeError({
    code: 'user-name-invalid',
    message: `${JSON.stringify(user)} cannot be the short name of a user that is synced`,
    remedy: 'Use a short name of letters, digits and _ . -, which does not start with a dot or a dash.',
  });
}
