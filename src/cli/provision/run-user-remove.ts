import { RoamhomeError } from '../../errors/errors.ts';
import { removeFromDirectory } from '../../provision/user/directory-task.ts';
import { noSessionTask } from '../../provision/user/session-task.ts';
import { destroyTask, setAsideTask } from '../../provision/user/set-aside-task.ts';
import type { CliContext } from '../framework/context.ts';
import { performTasks } from './run-provision.ts';
import { withUsers, type UserOptions } from './with-users.ts';

export interface UserRemoveOptions extends UserOptions {
  readonly name: string;
  readonly force: boolean;
  readonly destroyData: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Removes a user; their home only with their name given twice. */
export async function runUserRemove(options: UserRemoveOptions, context: CliContext): Promise<void> {
  const { name, force, destroyData } = options;
  if (destroyData !== undefined && destroyData !== name) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${name} is to be removed, and the data of ${destroyData} to be destroyed`,
      remedy: 'Give --destroy-data the same name, or leave it out: then the home is kept. Nothing was done.',
    });
  }
  await withUsers(options, context, (homes, directory) =>
    performTasks(
      [
        noSessionTask(homes, name, force),
        ...(directory === null ? [] : [removeFromDirectory(homes.machine, directory, name)]),
        setAsideTask(homes, name),
        ...(destroyData === undefined ? [] : [destroyTask(homes, name)]),
      ],
      options,
      context,
    ),
  );
}
