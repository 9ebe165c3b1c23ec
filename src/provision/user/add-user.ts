import type { DirectoryPlace } from '../../directory/apply-step.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Task } from '../task.ts';
import { addToDirectory, ownerIn } from './directory-task.ts';
import { homeTask } from './home-task.ts';
import type { HomesPlace } from './place.ts';
import type { WantedHome } from './plan-home.ts';
import type { UserRequest } from './user-request.ts';

/** All that makes somebody a roaming user. `directory` null: they have an account that the server knows. */
export function addUserTasks(
  homes: HomesPlace,
  directory: DirectoryPlace | null,
  request: UserRequest,
  prepare: boolean,
): readonly Task[] {
  const { user, quota, excluded } = request;
  const owner = (): Promise<WantedHome['owner']> =>
    directory === null ? ownerOnSystem(homes, request) : ownerIn(directory, request);
  return [
    ...(directory === null ? [] : [addToDirectory(homes.machine, directory, request, prepare)]),
    homeTask(homes, { user, quota, excluded, owner }),
  ];
}

async function ownerOnSystem(
  { machine }: HomesPlace,
  { user, uidNumber }: UserRequest,
): Promise<WantedHome['owner']> {
  const account = await machine.platform.findAccount(user);
  if (account === null) {
    throw new RoamhomeError({
      code: 'user-unknown',
      message: `${machine.name} knows no user ${user}`,
      remedy:
        'Add them to the directory with --ldap, or make the account first, with the same uid everywhere.',
    });
  }
  if (uidNumber !== null && uidNumber !== account.uid) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${user} has the uid ${account.uid} on ${machine.name}, not ${uidNumber}`,
      remedy: 'Leave --uid out: it is for users who are added to the directory.',
    });
  }
  return account;
}
