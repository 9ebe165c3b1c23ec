import { realpath } from 'node:fs/promises';
import { shellWord } from '../../host/shell-word.ts';
import type { Account, Platform } from '../../platform/platform.ts';
import type { Findings } from '../report.ts';
import type { Session } from '../session.ts';

/** What puts it right, apart from a local account's own command. */
export const accountHomeAdvice =
  'Set local.homeBase to where accounts have theirs, or homeDirectory in the directory server';

/** A session begins where the account says, wherever the home is mounted. Pure. */
export function homeElsewhere(user: string, is: string, place: string): string {
  return `the account ${user} has ${is} as its home directory, but the home is mounted at ${place}: a session does not find it`;
}

/** What changes it for an account of this machine alone. Pure. */
export function setAccountHome(kind: Platform['kind'], user: string, place: string): string {
  return kind === 'linux'
    ? `usermod --home ${shellWord(place)} ${shellWord(user)}`
    : `dscl . -create ${shellWord(`/Users/${user}`)} NFSHomeDirectory ${shellWord(place)}`;
}

/** Tells where the account has its home directory somewhere else than the home is mounted. */
export async function checkAccountHome(
  { user, mountpoint, platform }: Session,
  { home }: Account,
  findings: Findings,
): Promise<void> {
  if (home === undefined || (await isSame(home, mountpoint))) return;
  findings.warn(
    `${homeElsewhere(user, home, mountpoint)}. ${accountHomeAdvice}; a local account: \`${setAccountHome(platform.kind, user, mountpoint)}\``,
  );
}

/** Also by a symlink above it, which is root's. */
async function isSame(one: string, other: string): Promise<boolean> {
  const real = (path: string): Promise<string> => realpath(path).catch(() => path.replace(/(?<=.)\/+$/, ''));
  return (await real(one)) === (await real(other));
}
