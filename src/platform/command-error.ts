import { RoamhomeError } from '../errors/errors.ts';
import type { Argv, CommandResult } from '../host/host.ts';

/** `command-failed` for a command of the system that ended in a way, or said something, that is not understood. */
export function unexpectedResult(
  argv: Argv,
  result: CommandResult,
  remedy = `Run \`${argv.join(' ')}\` as root, and mend what it reports.`,
): RoamhomeError {
  const how =
    result.exitCode === null ? `signal ${result.signal ?? 'unknown'}` : `exit code ${result.exitCode}`;
  const said = `${result.stderr.trim()} ${result.stdout.trim()}`.trim().replaceAll(/\s+/g, ' ').slice(0, 300);
  return new RoamhomeError({
    code: 'command-failed',
    message: `${argv.join(' ')}: ${how}: ${said === '' ? 'no output' : said}`,
    remedy,
  });
}

/** The remedy where the command is the service manager's, or loginwindow's settings. */
export const serviceRemedy =
  'Run the command by hand as root, and mend what it reports. Then run the same roamhome command again; it resumes.';

/** The remedy where the command asks for users and groups. */
export const directoryRemedy =
  'Run the command by hand as root; the directory service may be down or misconfigured.';

/** `user-unknown` for a user whom the directory service does not know. */
export function userUnknown(user: string): RoamhomeError {
  return new RoamhomeError({
    code: 'user-unknown',
    message: `this machine knows no user ${user}`,
    remedy: 'Check the name, and that the directory server can be reached.',
  });
}

/** `group-unknown` for a group that the directory service does not know. */
export function groupUnknown(group: string): RoamhomeError {
  return new RoamhomeError({
    code: 'group-unknown',
    message: `this machine knows no group ${group}`,
    remedy: 'Create the group, or set syncGroup to the group whose members are synced.',
  });
}
