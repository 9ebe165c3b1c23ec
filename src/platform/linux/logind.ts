import { readFile } from 'node:fs/promises';
import { unexpectedResult } from '../command-error.ts';
import type { Account } from '../platform.ts';
import type { Argv, CommandResult, Host } from '../../host/host.ts';

// loginctl(1) of systemd-logind and of elogind. Both know of a session what pam_systemd told them.

/** A logout is not to wait for a bus that does not answer. */
const patienceMs = 5000;

const listArgv: Argv = ['loginctl', '--no-legend', '--no-pager', 'list-sessions'];
const properties = ['Id', 'State', 'Class', 'Service', 'Remote', 'RemoteHost', 'Seat', 'TTY'] as const;
const shown = properties.map((name) => `--property=${name}`);

/** One session by each command: systemd before 234 answers for the first alone. */
function showArgv(id: string): Argv {
  return ['loginctl', '--no-pager', 'show-session', id, ...shown];
}

/** The sessions of a uid in `loginctl list-sessions`: the first two columns are those of every version. Pure. */
function parseSessionIds(argv: Argv, result: CommandResult, uid: number): readonly string[] {
  if (result.exitCode !== 0) throw unexpectedResult(argv, result);
  return result.stdout.split('\n').flatMap((line) => {
    const [id, owner] = line.trim().split(/\s+/);
    return id !== undefined && owner === String(uid) && /^[A-Za-z0-9]+$/.test(id) ? [id] : [];
  });
}

/**
 * Reads the answer to `loginctl show-session`: what to call a session in which its user is at work. null: it is none, for it
 * closes, has ended, or is none of a person's (`greeter`, `background`, `manager`). Throws `command-failed`. Pure.
 */
function parseLiveSession(argv: Argv, result: CommandResult): string | null {
  if (result.exitCode !== 0) {
    if (/No session '[^']*' known|Unknown session|Unknown object/.test(result.stderr)) return null;
    throw unexpectedResult(argv, result);
  }
  const values = new Map(
    result.stdout.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, Math.max(0, at)), line.slice(at + 1)] as const;
    }),
  );
  const of = (name: (typeof properties)[number]): string => values.get(name) ?? '';
  if (of('Id') === '' || of('State') === '' || of('Class') === '') throw unexpectedResult(argv, result);
  if (of('State') === 'closing' || !/^user(-|$)/.test(of('Class'))) return null;
  const places = [
    of('Seat') === '' ? '' : `on ${of('Seat')}`,
    of('TTY') === '' ? '' : `on ${of('TTY')}`,
    of('Remote') === 'yes' && of('RemoteHost') !== '' ? `from ${of('RemoteHost')}` : '',
  ];
  const what = [of('Service'), ...places].filter((word) => word !== '').join(' ');
  return `session ${of('Id')}${what === '' ? '' : ` (${what})`}`;
}

/** The session in whose scope a process is, by /proc/PID/cgroup; null: in none. Pure. */
export function sessionOfCgroup(text: string): string | null {
  return /\/session-([A-Za-z0-9]+)\.scope(?:\/|$)/m.exec(text)?.[1] ?? null;
}

/**
 * The session that this run belongs to. When PAM closes one, that is the one: its environment has it from pam_systemd, and the program
 * that calls PAM is in its scope.
 */
export async function ownSession(): Promise<string | null> {
  const { XDG_SESSION_ID: id = '' } = process.env;
  return id === '' ? sessionOfCgroup(await readFile('/proc/self/cgroup', 'utf8').catch(() => '')) : id;
}

/** The account's sessions that go on when this run's has closed. Throws `command-failed`, and what keeps loginctl from being run. */
export async function otherSessions(
  host: Host,
  { uid }: Account,
  own: string | null,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const options = { ...(signal !== undefined && { signal }), timeoutMs: patienceMs };
  const ids = parseSessionIds(listArgv, await host.run(listArgv, options), uid);
  const found = await Promise.all(
    ids
      .filter((id) => id !== own)
      .map(async (id) => parseLiveSession(showArgv(id), await host.run(showArgv(id), options))),
  );
  return found.filter((one) => one !== null);
}
