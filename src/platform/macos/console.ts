import type { Argv, CommandResult, Host } from '../../host/host.ts';
import { unexpectedResult } from '../command-error.ts';

const consoleArgv: Argv = ['stat', '-f', '%Su', '/dev/console'];
const processesArgv: Argv = ['ps', '-axo', 'uid=,comm='];

/** Who sits at this Mac, and whose sessions there are besides, by fast user switching. Throws `command-failed`. */
export async function observeConsole(
  host: Host,
): Promise<{ user: string | null; sessions: ReadonlySet<number> }> {
  const [user, sessions] = await Promise.all([host.run(consoleArgv), host.run(processesArgv)]);
  return { user: parseConsoleUser(user), sessions: parseSessions(sessions) };
}

/** Reads the owner of /dev/console; null at the login window, where it is root's. Throws `command-failed`. */
export function parseConsoleUser(result: CommandResult): string | null {
  const user = /^([^\s:/]+)\n$/.exec(result.stdout)?.[1];
  if (result.exitCode !== 0 || user === undefined) throw unexpectedResult(consoleArgv, result);
  return user === 'root' ? null : user;
}

/** Reads whose sessions there are: each has a process `loginwindow` of its user's. Throws `command-failed`. */
export function parseSessions(result: CommandResult): ReadonlySet<number> {
  if (result.exitCode !== 0) throw unexpectedResult(processesArgv, result);
  const uids = new Set<number>();
  for (const line of result.stdout.split('\n').filter((text) => text.trim() !== '')) {
    const [, uid, command] = /^\s*(-?\d+)\s+(\S.*)$/.exec(line) ?? [];
    if (uid === undefined || command === undefined)
      throw unexpectedResult(processesArgv, { ...result, stdout: line });
    if (command.trim().split('/').at(-1) === 'loginwindow') uids.add(Number(uid));
  }
  return uids;
}
