import { dirname } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Change, type Task } from '../task.ts';
import { findAccount } from './account.ts';
import { withLshellSection } from './lshell-section.ts';
import { findShellJudge, shellDirectory } from './shell-zfs.ts';
import { lookForLshell, saidByTrial, shellTrial } from './shell-trial.ts';

/** Where lshell is on the machine; throws `in-the-way` when it is not installed. */
export async function findLshell(machine: Machine, signal: AbortSignal): Promise<string> {
  const path = await lookForLshell(machine.host, signal);
  if (path !== null) return path;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `lshell is not installed on ${machine.name}`,
    remedy:
      'Take the gate, which comes with Roamhome: `roamhome provision server --restriction gate`. Or install lshell there, on Debian 12: `python3 -m venv /opt/lshell && /opt/lshell/bin/pip install limited-shell`.',
  });
}

/** The file that this lshell reads: /etc/lshell.conf, or one in its venv. It says so itself. */
async function configOf(machine: Machine, shell: string, signal: AbortSignal): Promise<string> {
  const { stdout, stderr } = await machine.host.run([shell, '--help'], { signal });
  const [, path] = /--config <file>\s*:.*\(default (\/[^)\s]+)\)/.exec(`${stdout}\n${stderr}`) ?? [];
  if (path !== undefined) return path;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `${shell} on ${machine.name} does not say which file it reads: ${saidByTrial(stderr)}`,
    remedy: `Look at what \`${shell} --help\` says there (0.11.1 is known to work), or take the gate: \`roamhome provision server --restriction gate\`.`,
  });
}

/** null: in a place that every system has, or nowhere. */
async function zfsDirectory(machine: Machine, signal: AbortSignal): Promise<string | null> {
  const argv: Argv = ['sh', '-c', 'command -v zfs'];
  const path = (await machine.host.run(argv, { signal })).stdout.trim();
  return path.startsWith('/') && !/^\/(usr\/)?bin\//.test(path) ? dirname(path) : null;
}

/**
 * The account's section in the configuration that the installed lshell reads, and the proof that it works: the account's shell
 * is called as sshd calls it, at each run. The account is made before, and its home, without which lshell refuses everything.
 */
export function lshellTask(
  machine: Machine,
  account: string,
  homeOf: (signal: AbortSignal) => Promise<string>,
): Task {
  return {
    title: `lshell's section for ${account}`,
    machine,
    look: async (signal) => {
      const { host } = machine;
      const shell = await findLshell(machine, signal);
      const home = await homeOf(signal);
      const path = await configOf(machine, shell, signal);
      const entry = await readEntry(host, path, signal);
      const text = withLshellSection(entry?.text ?? '', account, {
        first: 'places' in (await findShellJudge(machine, account, signal)) ? shellDirectory : null,
        zfs: await zfsDirectory(machine, signal),
      });
      const changes = fileChanges(entry, {
        ...{ path, text, mode: entry?.mode ?? 0o644, owner: 'root' },
        check: shellTrial({ account, home }, [shell, '--config', '{}']),
      });
      const attempt = () => tryShell(machine, { account, home, shell });
      const isReady =
        (await findAccount(machine, account, signal)) !== null &&
        (await readEntry(host, home, signal)) !== null;
      if (changes.length === 0 && isReady) {
        await attempt();
        return alreadySo;
      }
      const argv = shellTrial({ account, home }, [shell]);
      const trial: Change = {
        ...{ kind: 'call', does: `try ${shell} as sshd calls it` },
        lines: [`${argv.slice(4).join(' ')}: zfs has to pass, id not`],
        call: attempt,
      };
      const directory = dirname(path);
      const isMissing = (await readEntry(host, directory, signal)) === null;
      const make: Change = {
        ...{ kind: 'run', does: `make the directory ${directory} (0755)` },
        argv: ['mkdir', '-m', '0755', directory],
      };
      return toDo(...(isMissing ? [make] : []), ...changes, trial);
    },
  };
}

async function tryShell(
  machine: Machine,
  { account, home, shell }: { readonly account: string; readonly home: string; readonly shell: string },
): Promise<void> {
  const result = await machine.host.run(shellTrial({ account, home }, [shell]), {});
  if (result.exitCode === 0) return;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `${shell} on ${machine.name}, called as sshd calls it, would refuse every Mac or keep none out: ${saidByTrial(result.stderr)}`,
    remedy: `See to what it says (\`su -s ${shell} ${account} -c 'zfs version'\` shows it), or take the gate: \`roamhome provision server --restriction gate\`.`,
  });
}
