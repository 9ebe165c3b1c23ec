import { isRoamhomeError } from '../../errors/errors.ts';
import type { Account, Platform } from '../../platform/platform.ts';
import { isUserName } from '../../zfs/names.ts';

/** Who a run is for, and the platform, which does not look them up again. */
export interface KnownAs {
  readonly user: string;
  readonly platform: Platform;
}

/**
 * The user's name as their record has it: a login window may hand on another case, or an alias, which would be another home.
 * Where the directory does not answer, the name as it was given: the session tells that by itself. `wasHere`: a name by which
 * somebody has roamed on this machine is one; not on a Mac, whose file system does not tell case apart.
 */
export async function knownAs(
  platform: Platform,
  given: string,
  wasHere: () => Promise<boolean>,
): Promise<KnownAs> {
  if (platform.kind === 'linux' && (await wasHere())) return { user: given, platform };
  let account: Account | null;
  try {
    account = await platform.findAccount(given);
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    return { user: given, platform };
  }
  if (account === null || !isUserName(account.name)) return { user: given, platform };
  const { name } = account;
  const findAccount: Platform['findAccount'] = (user) =>
    user === name ? Promise.resolve(account) : platform.findAccount(user);
  return { user: name, platform: { ...platform, findAccount } };
}
