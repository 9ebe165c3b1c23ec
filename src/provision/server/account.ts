import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { parseGroup, parsePasswdEntry, type PasswdEntry } from '../../platform/linux/getent.ts';
import type { Machine, MachineKind } from '../machine.ts';
import { alreadySo, toDo, type Task } from '../task.ts';

/** What has to be known to make an account. */
export interface WantedAccount {
  readonly name: string;
  readonly group: string;
  readonly home: string;
  /** What keeps it to zfs and why, in words. */
  readonly keptBy: string;
  /** Throws where there is none such. */
  readonly shellOf: (signal: AbortSignal) => Promise<string>;
}

/** The account as the machine knows it. Throws `command-failed`. */
export async function findAccount(
  machine: Machine,
  name: string,
  signal: AbortSignal,
): Promise<PasswdEntry | null> {
  const argv: Argv = ['getent', 'passwd', name];
  return parsePasswdEntry(argv, await machine.host.run(argv, { signal }), name);
}

async function findGid(machine: Machine, name: string, signal: AbortSignal): Promise<number | null> {
  const argv: Argv = ['getent', 'group', name];
  return parseGroup(argv, await machine.host.run(argv, { signal }), name)?.gid ?? null;
}

/** The group whose members' homes roam; the account is in it too. One of a directory server will do. */
export function groupTask(machine: Machine, group: string): Task {
  return {
    title: `the group ${group}`,
    machine,
    look: async (signal) => {
      const gid = await findGid(machine, group, signal);
      if (gid === 0)
        throw inTheWay(
          `${group} on ${machine.name} is root's group`,
          'Choose another with --set syncGroup=NAME.',
        );
      if (gid !== null) return alreadySo;
      return toDo({ kind: 'run', does: `make the group ${group}`, argv: groupArgv(machine.kind, group) });
    },
  };
}

/** The account that the Macs log in as. One that is there keeps its home; its shell is set. */
export function accountTask(machine: Machine, wanted: WantedAccount): Task {
  const { name, group, keptBy } = wanted;
  return {
    title: `the account ${name}, kept to zfs by ${keptBy}`,
    machine,
    look: async (signal) => {
      const account = await findAccount(machine, name, signal);
      const shell = await wanted.shellOf(signal);
      if (account === null)
        return toDo({
          kind: 'run',
          does: `make the account ${name}`,
          argv: accountArgv(machine.kind, wanted, shell),
        });
      if (account.uid === 0)
        throw inTheWay(`${name} on ${machine.name} is root`, 'Choose another with --set server.user=NAME.');
      if (account.gid !== (await findGid(machine, group, signal)))
        throw inTheWay(
          `the account ${name} on ${machine.name} is of another main group than ${group} (gid ${account.gid})`,
          `If it is the one that is meant: usermod -g ${group} ${name}. Else choose another with --set server.user=NAME.`,
        );
      if (account.shell === shell) return alreadySo;
      return toDo({
        ...{ kind: 'run', does: `set the shell of ${name} to ${shell} (it is ${account.shell})` },
        argv: shellArgv(machine.kind, name, shell),
      });
    },
  };
}

/** Pure; throws `usage` where accounts are made otherwise. */
function groupArgv(kind: MachineKind, group: string): Argv {
  return onKind(kind, {
    linux: ['groupadd', group],
    freebsd: ['pw', 'groupadd', group],
  });
}

/** With no password, yet not locked: sshd takes a locked account (`!`) for one that must not log in at all. */
function accountArgv(kind: MachineKind, { name, group, home }: WantedAccount, shell: string): Argv {
  const comment = 'Macs of Roamhome';
  return onKind(kind, {
    linux: [
      ...(['useradd', '--gid', group, '--no-create-home', '--home-dir', home, '--shell', shell] as const),
      ...['--password', '*', '--comment', comment, name],
    ],
    freebsd: ['pw', 'useradd', name, '-g', group, '-d', home, '-s', shell, '-c', comment, '-h', '-'],
  });
}

function shellArgv(kind: MachineKind, name: string, shell: string): Argv {
  return onKind(kind, {
    linux: ['usermod', '--shell', shell, name],
    freebsd: ['pw', 'usermod', name, '-s', shell],
  });
}

function onKind(kind: MachineKind, argvs: Readonly<Record<'linux' | 'freebsd', Argv>>): Argv {
  if (kind === 'linux' || kind === 'freebsd') return argvs[kind];
  throw new RoamhomeError({
    code: 'usage',
    message: `how accounts are made on ${kind === 'macos' ? 'macOS' : kind} is not known to Roamhome`,
    remedy:
      'Make group and account by hand, as docs/guide/by-hand.md says; then run this again for the rest.',
  });
}

function inTheWay(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'in-the-way', message, remedy });
}
