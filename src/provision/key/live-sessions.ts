import { unexpectedResult } from '../../platform/command-error.ts';
import type { Argv } from '../../host/host.ts';
import type { Machine } from '../machine.ts';

/** A connection of the account's, as sshd serves it. */
export interface LiveSession {
  /** Of the process that is root's: when it ends the connection ends, with what it runs. */
  readonly pid: number;
  /** Of the key that it was let in with; null: the log does not say. */
  readonly fingerprint: string | null;
}

/**
 * sshd's processes for the account, in what `ps -e -o pid= -o args=` prints: `sshd: NAME [priv]`, since OpenSSH 9.8
 * `sshd-session: NAME [priv]`. Pure.
 */
export function parseSessions(ps: string, account: string): readonly number[] {
  return ps.split('\n').flatMap((line) => {
    const [, pid, name] = /^\s*(\d+) sshd(?:-session)?: (\S+) \[priv\]\s*$/.exec(line) ?? [];
    return pid !== undefined && name === account ? [Number(pid)] : [];
  });
}

/** The fingerprint in sshd's last word on a login of the account: `Accepted publickey for NAME from … ssh2: TYPE SHA256:…`. Pure. */
export function acceptedKey(log: string, account: string): string | null {
  const accepted = log
    .split('\n')
    .flatMap((line) => /Accepted publickey for (\S+) from .* (SHA256:\S+)/.exec(line)?.slice(1, 3) ?? [])
    .filter((_word, index, words) => index % 2 === 1 && words[index - 1] === account);
  return accepted.at(-1) ?? null;
}

/** The account's connections, each with its key where systemd's journal has it. Throws `command-failed`. */
export async function findSessions(
  machine: Machine,
  account: string,
  signal: AbortSignal,
): Promise<readonly LiveSession[]> {
  const argv: Argv = ['ps', '-e', '-o', 'pid=', '-o', 'args='];
  const result = await machine.host.run(argv, { signal });
  if (result.exitCode !== 0) throw unexpectedResult(argv, result);
  const sessions: LiveSession[] = [];
  for (const pid of parseSessions(result.stdout, account)) {
    // Since it was started: an earlier process may have had its number. Where there is no journal, or nothing in it, the key is not known.
    const script =
      'age=$(ps -o etimes= -p "$1") && journalctl -q -b -o cat --since="-$((age + 2))s" "_PID=$1" 2>/dev/null || :';
    const { stdout } = await machine.host.run(['sh', '-c', script, 'sh', String(pid)], { signal });
    sessions.push({ pid, fingerprint: acceptedKey(stdout, account) });
  }
  return sessions;
}

/** The connections of keys that are not let in any more; also those of which nobody knows the key. Pure. */
export function toBeEnded(
  sessions: readonly LiveSession[],
  letIn: readonly { readonly fingerprint: string }[],
): readonly LiveSession[] {
  return sessions.filter(({ fingerprint }) => !letIn.some((key) => key.fingerprint === fingerprint));
}
