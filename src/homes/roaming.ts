import { RoamhomeError } from '../errors/errors.ts';
import type { Account } from '../platform/platform.ts';
import type { Session } from './session.ts';

/** The user's account when their home roams; the reason in words when it does not. Throws `user-unknown`. */
export async function roamingAccount(session: Session): Promise<Account | string> {
  const { user, platform, config, replaced } = session;
  const membership = isMember(session);
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
    if (replaced.has('syncGroup'))
      return 'syncGroup is not known, and there is no home of theirs on this Mac';
    return `not a member of ${config.syncGroup}: the home stays on this Mac, nothing is synced`;
  }
  return account;
}

/** Where the group is not known for a mistake in the settings, who has a home on this Mac is looked after here. */
function isMember({ user, platform, config, replaced, local, localHome, signal }: Session): Promise<boolean> {
  return replaced.has('syncGroup')
    ? local.exists(localHome, { signal })
    : platform.isMember(user, config.syncGroup);
}
