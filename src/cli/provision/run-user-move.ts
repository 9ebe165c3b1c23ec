import { RoamhomeError } from '../../errors/errors.ts';
import { renameInDirectory } from '../../provision/user/directory-task.ts';
import { renameHomeTask } from '../../provision/user/rename-task.ts';
import { noSessionTask } from '../../provision/user/session-task.ts';
import { parseUserName } from '../../zfs/names.ts';
import type { CliContext } from '../framework/context.ts';
import { performTasks } from './run-provision.ts';
import { withUsers, type UserOptions } from './with-users.ts';

export interface UserMoveOptions extends UserOptions {
  readonly name: string;
  readonly to: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Gives a user another name. */
export async function runUserMove(options: UserMoveOptions, context: CliContext): Promise<void> {
  const users = { from: parseUserName(options.name), to: parseUserName(options.to) };
  if (users.from === users.to) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${users.to} is the name already`,
      remedy: 'Give another name with --to.',
    });
  }
  await withUsers(options, context, (homes, directory) =>
    performTasks(
      [
        noSessionTask(homes, users.from, options.force),
        ...(directory === null ? [] : [renameInDirectory(homes.machine, directory, users)]),
        renameHomeTask(homes, users),
      ],
      options,
      context,
    ),
  );
}
