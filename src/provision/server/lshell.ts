import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import { fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { toDo, type Task } from '../task.ts';
import { withLshellSection } from './lshell-section.ts';

const lshellConfig = '/etc/lshell.conf';

/** Where lshell is on the machine. Throws `in-the-way` when it is not installed. */
export async function findLshell(machine: Machine, signal: AbortSignal): Promise<string> {
  const argv: Argv = ['sh', '-c', 'command -v lshell'];
  const path = (await machine.host.run(argv, { signal })).stdout.trim();
  if (path.startsWith('/')) return path;
  throw new RoamhomeError({
    code: 'in-the-way',
    message: `lshell is not installed on ${machine.name}`,
    remedy:
      'Install it (pip install limited-shell; it is in no Debian release since 11), or take the gate: --restriction gate.',
  });
}

/**
 * The installed lshell reads the new text, as the account and as for a command that comes over SSH (it looks for SSH_CLIENT): it has to
 * let zfs through, and not another command.
 */
const checkScript = [
  'account=$1 config=$2',
  'ask() { runuser -u "$account" -- env SSH_CLIENT="127.0.0.1 1 22" SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22" lshell --config "$config" -c "$1" </dev/null; }',
  'ask "zfs version" >/dev/null || { echo "it does not let zfs through" >&2; exit 1; }',
  'if ask id >/dev/null 2>&1; then echo "it lets id through" >&2; exit 1; fi',
].join('; ');

/** The account's section in lshell's configuration. The account has to be there by then. */
export function lshellTask(machine: Machine, account: string): Task {
  return {
    title: `lshell's section for ${account}`,
    machine,
    look: async (signal) => {
      const entry = await readEntry(machine.host, lshellConfig, signal);
      const text = withLshellSection(entry?.text ?? '', account);
      return toDo(
        ...fileChanges(entry, {
          path: lshellConfig,
          text,
          mode: entry?.mode ?? 0o644,
          owner: 'root',
          check: ['sh', '-c', checkScript, 'sh', account, '{}'],
        }),
      );
    },
  };
}
