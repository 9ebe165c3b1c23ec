import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { unexpectedResult } from '../../platform/command-error.ts';
import { fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Change, type Task } from '../task.ts';
import { parseSshd, sshdQuestion, waysIn, type SshdSettings } from './sshd-ways-in.ts';
import { sshdDropIn, sshdDropInText, type Restriction } from './wanted-server.ts';

/** sshd reads the whole configuration with the new file in front, as the Include at its start will have it. */
const checkScript = [
  'main=$(mktemp) || exit 1',
  'trap \'rm -f "$main"\' EXIT',
  '{ echo "Include $1"; cat /etc/ssh/sshd_config; } >"$main"',
  // sshd wants to be called by its absolute path.
  '"$(command -v sshd)" -t -f "$main"',
].join('; ');

/** Until sshd has read it, the file is root's alone to read: so a run that was cut off before leaves a trace. */
const unread = 0o600;
const read = 0o644;

/** The account, as sshd's rules for it depend on it. */
export interface GuardedAccount {
  readonly account: string;
  readonly restriction: Restriction;
  /** Where its keys are. */
  readonly homeOf: (signal: AbortSignal) => Promise<string>;
}

/** What sshd holds to with the account; what still lets somebody in is left for a person. */
export function sshdTask(machine: Machine, guarded: GuardedAccount): Task {
  const { account, restriction } = guarded;
  return {
    title: `sshd's rules for ${account}`,
    machine,
    look: async (signal) => {
      await demandInclude(machine, signal);
      const entry = await readEntry(machine.host, sshdDropIn, signal);
      // Before anything is written: a mistake that was there before is told as such.
      const there = await askSshd(machine, account, signal);
      const home = await guarded.homeOf(signal);
      const file = {
        path: sshdDropIn,
        text: sshdDropInText(account, { home, restriction }, there),
        mode: read,
        owner: 'root' as const,
        check: ['sh', '-c', checkScript, 'sh', '{}'] as const,
      };
      if (fileChanges(entry, file).length === 0) return alreadySo;
      const write = fileChanges(entry, { ...file, mode: unread });
      return toDo(...write, ...(await reload(machine, signal)), {
        kind: 'run',
        does: 'note that sshd has read it',
        argv: ['chmod', '0644', sshdDropIn],
      });
    },
  };
}

/** Of two Match blocks that give a value the first holds: whether that is ours sshd alone can say. After sshdTask. */
export function waysInTask(machine: Machine, { account, restriction }: GuardedAccount): Task {
  return {
    title: `what else lets somebody into ${account}`,
    machine,
    look: async (signal) => {
      // In a dry run it is still to be written.
      if ((await readEntry(machine.host, sshdDropIn, signal)) === null) return alreadySo;
      const ways = waysIn(await askSshd(machine, account, signal), restriction);
      return {
        ...alreadySo,
        left: ways.map(
          ({ keyword, is, wanted, why }) =>
            `for ${account} sshd has ${keyword} ${is}, not ${wanted}: ${why}. Another file says so before ${sshdDropIn}; \`roamhome doctor --server\` has the commands that close it`,
        ),
      };
    },
  };
}

/** What sshd does for the account as it is configured now. Throws `in-the-way` where it would not start like that. */
async function askSshd(machine: Machine, account: string, signal: AbortSignal): Promise<SshdSettings> {
  const argv: Argv = ['sh', '-c', '"$(command -v sshd)" "$@"', 'sh', ...sshdQuestion(account)];
  const result = await machine.host.run(argv, { signal });
  if (result.exitCode === 0) return parseSshd(result.stdout);
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `sshd on ${machine.name} would not start again as it is configured now: ${result.stderr.trim().replaceAll(/\s+/g, ' ').slice(0, 300)}`,
    remedy: 'Correct what `sshd -t` says there, and run this again. Nothing of sshd was changed.',
  });
}

async function demandInclude(machine: Machine, signal: AbortSignal): Promise<void> {
  const main = await readEntry(machine.host, '/etc/ssh/sshd_config', signal);
  if (main === null)
    throw new RoamhomeError({
      code: 'in-the-way',
      message: `there is no /etc/ssh/sshd_config on ${machine.name}`,
      remedy: 'Install the OpenSSH server there, and run this again.',
    });
  if (/^\s*Include\s+(?:.*\s)?(?:\/etc\/ssh\/)?sshd_config\.d\/\*(?:\.conf)?(?:\s|$)/im.test(main.text))
    return;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `/etc/ssh/sshd_config on ${machine.name} does not include the files of /etc/ssh/sshd_config.d`,
    remedy:
      'Put `Include /etc/ssh/sshd_config.d/*.conf` at its start (OpenSSH 8.2 or newer), and run this again.',
  });
}

/** None where a new sshd is started for each connection. */
async function reload(machine: Machine, signal: AbortSignal): Promise<readonly Change[]> {
  const does = 'have sshd read its configuration';
  if (machine.kind === 'freebsd') return [{ kind: 'run', does, argv: ['service', 'sshd', 'reload'] }];
  // Debian calls it ssh, others sshd.
  for (const unit of ['ssh.service', 'sshd.service']) {
    const argv: Argv = ['systemctl', 'show', '-p', 'ActiveState', '--value', unit];
    const result = await machine.host.run(argv, { signal });
    if (result.exitCode !== 0) throw unexpectedResult(argv, result);
    if (result.stdout.trim() === 'active')
      return [{ kind: 'run', does, argv: ['systemctl', 'reload', unit] }];
  }
  return [];
}
