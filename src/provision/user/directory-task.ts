import { accountDn, type AccountRequest } from '../../directory/account.ts';
import { applyStep, describeStep, type DirectoryPlace } from '../../directory/apply-step.ts';
import { observeUser } from '../../directory/observe-user.ts';
import {
  planAddUser,
  planRemoveUser,
  planRenameUser,
  type DirectoryStep,
} from '../../directory/plan-user.ts';
import { nextNumber } from '../../directory/uid-numbers.ts';
import type { Machine } from '../machine.ts';
import type { Change, Found, Task } from '../task.ts';
import type { WantedHome } from './plan-home.ts';

/** The user in the directory, and in the group. `prepare`: make the group and what entries are below, too. */
export function addToDirectory(
  machine: Machine,
  place: DirectoryPlace,
  request: AccountRequest,
  prepare: boolean,
): Task {
  const { directory, settings } = place;
  const { user } = request;
  const password =
    `${user} has no password yet: ldappasswd -H ${settings.url} -D '${settings.bindDn}' -W -S ` +
    `'${accountDn(user, settings)}', or as you are used to`;
  return task(machine, place, `${user} in the directory`, password, async () =>
    planAddUser(await observeUser(directory, settings, user, request.uidNumber), request, settings, prepare),
  );
}

/** The user in the directory no more. */
export function removeFromDirectory(machine: Machine, place: DirectoryPlace, user: string): Task {
  return task(machine, place, `${user} out of the directory`, null, async () =>
    planRemoveUser(await observeUser(place.directory, place.settings, user), user),
  );
}

/** The user in the directory under another name. */
export function renameInDirectory(
  machine: Machine,
  place: DirectoryPlace,
  users: { readonly from: string; readonly to: string },
): Task {
  const { directory, settings } = place;
  return task(machine, place, `${users.from} as ${users.to} in the directory`, null, async () =>
    planRenameUser(
      await observeUser(directory, settings, users.from),
      await observeUser(directory, settings, users.to),
      users,
      settings,
    ),
  );
}

/** The numbers of a user, or those that an entry would have which is still to be made: in a dry run. */
export async function ownerIn(
  { directory, settings }: DirectoryPlace,
  { user, uidNumber }: AccountRequest,
): Promise<WantedHome['owner']> {
  const { account, group } = await observeUser(directory, settings, user);
  if (account !== null) return { uid: account.uidNumber, gid: account.gidNumber };
  return {
    uid: uidNumber ?? (await nextNumber(directory, settings)),
    gid: group?.gidNumber ?? settings.uidMin,
  };
}

/** `leftWhenNew`: what is left for a person once an entry was added. */
function task(
  machine: Machine,
  place: DirectoryPlace,
  title: string,
  leftWhenNew: string | null,
  plan: () => Promise<readonly DirectoryStep[]>,
): Task {
  return {
    title,
    machine,
    look: async (): Promise<Found> => {
      const steps = await plan();
      const changes: Change[] = [];
      for (const step of steps) {
        changes.push({
          kind: 'call',
          does: step.says,
          lines: await describeStep(place, step),
          call: () => applyStep(place, step),
        });
      }
      const isNew = steps.some(({ kind }) => kind === 'add-account');
      return { changes, left: isNew && leftWhenNew !== null ? [leftWhenNew] : [] };
    },
  };
}
