import type { Argv, CommandResult } from '../../host/host.ts';
import { directoryRemedy, groupUnknown, unexpectedResult, userUnknown } from '../command-error.ts';

/** The question whether a user is in a group, also through nested groups and those of the directory server. */
export function membershipArgv(user: string, group: string): Argv {
  return ['dseditgroup', '-o', 'checkmember', '-m', user, group];
}

/** Reads the answer to membershipArgv by exit code and text. Throws `user-unknown`, `command-failed`. */
export function parseMembership(argv: Argv, result: CommandResult, user: string, group: string): boolean {
  const said = `${result.stdout}\n${result.stderr}`;
  if (result.exitCode === 0 && /^yes /m.test(said)) return true;
  if (result.exitCode === 67 && /^no /m.test(said)) return false;
  if (result.exitCode === 64 && said.includes('Group not found')) throw groupUnknown(group);
  if (result.exitCode === 64 && said.includes('Unable to find the user record')) throw userUnknown(user);
  throw unexpectedResult(argv, result, directoryRemedy);
}
