import { RoamhomeError } from '../errors/errors.ts';
import type { Account } from '../platform/platform.ts';
import type { Session } from './session.ts';

/** The user's account when their home roams; the reason in words when it does not. Throws `user-unknown`. */
export async function roamingAccount({ user, platform, config }: Session): Promise<Account | string> {
  const membership = platform.isMember(user, config.syncGroup);
  // Asked at the same time; an unknown user is told as such, whatever the group has to say of them.
  membership.catch(() => undefined);
  const account = await platform.findAccount(user);
  if (account === null) {
    throw new RoamhomeError({
      code: 'user-unknown',
      message: `this Mac knows no user ${user}`,
      remedy: 'Check the name, and that the directory service answers (`id USER`).',
    });
  }
  if (account.uid === 0) return 'it is an account of the system: nothing is done for it';
  if (!(await membership)) {
    return `not a member of ${config.syncGroup}: the home stays on this Mac, nothing is synced`;
  }
  return account;
}
