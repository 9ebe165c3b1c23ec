import { RoamhomeError } from '../../errors/errors.ts';
import type { PasswdEntry } from '../../platform/linux/getent.ts';
import { directoryChanges, fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { findAccount } from '../server/account.ts';
import { authorizedKeysPath } from '../server/wanted-server.ts';
import { toDo, type Change, type Found, type Task } from '../task.ts';
import { isKeyOf, parseAuthorizedKeys, withKey, withoutKey, type AuthorizedKey } from './authorized-keys.ts';
import { findSessions, toBeEnded } from './live-sessions.ts';
import type { PublicKey } from './public-key.ts';

/** Root's, and to be read by the account, with whose rights sshd reads it. */
const keysMode = 0o644;

/** A key for a Mac. `publicKey` is asked at each look: null where an earlier task is still to make it. */
export interface KeyToAdd {
  readonly mac: string;
  readonly publicKey: (signal: AbortSignal) => Promise<PublicKey | null>;
  readonly options: (signal: AbortSignal) => Promise<string>;
  /** As 2026-11-26. */
  readonly today: string;
}

/** The line of a Mac's key; keysPlaceTasks come before. */
export function addKeyTask(machine: Machine, account: string, wanted: KeyToAdd): Task {
  const { mac } = wanted;
  return {
    title: `the key of ${mac}`,
    machine,
    look: async (signal) => {
      const key = await wanted.publicKey(signal);
      if (key === null)
        return toDo({
          kind: 'call',
          does: `let the key of ${mac} in`,
          lines: ['(the key is made first)'],
          call: keyMissing,
        });
      const home = (await demandAccount(machine, account, signal)).home;
      const text = await readKeys(machine, home, signal);
      const options = await wanted.options(signal);
      return changeKeys(machine, home, withKey(text, { mac, key, options }, wanted.today), signal);
    },
  };
}

/** No line for the Mac any more; keysPlaceTasks come before. */
export function removeKeyTask(machine: Machine, account: string, mac: string): Task {
  return {
    title: `no key of ${mac}`,
    machine,
    look: async (signal) => {
      const { home } = await demandAccount(machine, account, signal);
      const text = await readKeys(machine, home, signal);
      const without = withoutKey(text, mac);
      return without === text ? toDo() : changeKeys(machine, home, without, signal);
    },
  };
}

/**
 * No connection of a key that is not let in. `revoked`: a Mac whose key is about to go. Where the log does not say with which key one
 * came, it is ended too: a transfer that is cut off is resumed by the Mac that may.
 */
export function endSessionsTask(machine: Machine, account: string, revoked: string): Task {
  return {
    title: `no connection with a key that is not let in`,
    machine,
    look: async (signal) => {
      const keys = await listKeys(machine, account, signal);
      const letIn = keys.filter((key) => !isKeyOf(key, revoked));
      const sessions = toBeEnded(await findSessions(machine, account, signal), letIn);
      return toDo(
        ...sessions.map(({ pid, fingerprint }): Change => ({
          ...{
            kind: 'run',
            does: `end the connection with ${fingerprint ?? 'a key that the log does not name'}`,
          },
          // One that has ended meanwhile is what was wanted.
          argv: ['sh', '-c', 'kill "$1" 2>/dev/null || :', 'sh', String(pid)],
        })),
      );
    },
  };
}

/** The keys that are let in. Throws `in-the-way` where there is no such account. */
export async function listKeys(
  machine: Machine,
  account: string,
  signal: AbortSignal,
): Promise<readonly AuthorizedKey[]> {
  const { home } = await demandAccount(machine, account, signal);
  return parseAuthorizedKeys(await readKeys(machine, home, signal)).flatMap(({ key }) => key ?? []);
}

/** The home of an account that has to be there. */
export function homeOfAccount(machine: Machine, account: string): (signal: AbortSignal) => Promise<string> {
  return async (signal) => (await demandAccount(machine, account, signal)).home;
}

/** The account, which `provision server` makes. */
export async function demandAccount(
  machine: Machine,
  account: string,
  signal: AbortSignal,
): Promise<PasswdEntry> {
  const found = await findAccount(machine, account, signal);
  if (found !== null) return found;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `${machine.name} has no account ${account}`,
    remedy:
      'Set it up as a server first: roamhome provision server. Or name the account: --set server.user=NAME.',
  });
}

async function readKeys(machine: Machine, home: string, signal: AbortSignal): Promise<string> {
  const path = authorizedKeysPath(home);
  const entry = await readEntry(machine.host, path, signal);
  if (entry !== null && entry.kind !== 'file')
    throw new RoamhomeError({
      code: 'in-the-way',
      message: `${path} on ${machine.name} is no file`,
      remedy: 'Look at what it is, and move it away; then run this again.',
    });
  return entry?.text ?? '';
}

async function changeKeys(machine: Machine, home: string, text: string, signal: AbortSignal): Promise<Found> {
  const path = authorizedKeysPath(home);
  const entry = await readEntry(machine.host, path, signal);
  return toDo(...fileChanges(entry, { path, text, mode: keysMode, owner: 'root' }));
}

/**
 * The account's home and its `.ssh`: root's, so that the account has no say in who may log in. Before anything in them is read or
 * written, and each by itself: in a directory that is not root's, what was looked at can be another thing a moment later.
 */
export function keysPlaceTasks(
  machine: Machine,
  account: string,
  homeOf: (signal: AbortSignal) => Promise<string>,
): readonly Task[] {
  return ['', '/.ssh'].map((below) => ({
    title: `root's hold on ${below === '' ? 'the home' : 'the .ssh'} of ${account}`,
    machine,
    look: async (signal) => {
      const path = `${await homeOf(signal)}${below}`;
      const entry = await readEntry(machine.host, path, signal);
      return toDo(...directoryChanges(entry, path, { mode: 0o755, owner: 'root' }));
    },
  }));
}

/** An authorized_keys that is root's, with what is in it. `homeOf`: of an account that may still have to be made. */
export function authorizedKeysTask(
  machine: Machine,
  account: string,
  homeOf: (signal: AbortSignal) => Promise<string>,
): Task {
  return {
    title: `the keys of ${account}`,
    machine,
    look: async (signal) => {
      const home = await homeOf(signal);
      const text = await readKeys(machine, home, signal);
      const { changes } = await changeKeys(machine, home, text, signal);
      return { changes, left: tellNameless(parseAuthorizedKeys(text).flatMap(({ key }) => key ?? [])) };
    },
  };
}

/** Keys of before stay let in: which of them is whose only a person knows. */
function tellNameless(keys: readonly AuthorizedKey[]): readonly string[] {
  return keys
    .filter(({ mac }) => mac === null)
    .map(
      ({ fingerprint, comment }) =>
        `a key of no Mac by name is still let in (${comment === '' ? 'no comment' : comment}); when its Mac has a key of its own: roamhome provision key revoke ${fingerprint}`,
    );
}

function keyMissing(): Promise<void> {
  throw new Error('the key of this Mac was to be made by now');
}
