import { accountDn, homeDirectoryMistake, type AccountRequest } from '../../directory/account.ts';
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
  return task(machine, place, `${user} in the directory`, async () => {
    const view = await observeUser(directory, settings, user, request.uidNumber);
    const { account } = view;
    const mistake = account === null ? null : homeDirectoryMistake(account, settings);
    const left = account === null ? password : mistake === null ? null : `${user}: ${mistake}`;
    return { steps: planAddUser(view, request, settings, prepare), left };
  });
}

/** The user in the directory no more. */
export function removeFromDirectory(machine: Machine, place: DirectoryPlace, user: string): Task {
  return task(machine, place, `${user} out of the directory`, async () => ({
    steps: planRemoveUser(await observeUser(place.directory, place.settings, user), user),
    left: null,
  }));
}

/** The user in the directory under another name. */
export function renameInDirectory(
  machine: Machine,
  place: DirectoryPlace,
  users: { readonly from: string; readonly to: string },
): Task {
  const { directory, settings } = place;
  return task(machine, place, `${users.from} as ${users.to} in the directory`, async () => ({
    left: null,
    steps: planRenameUser(
      await observeUser(directory, settings, users.from),
      await observeUser(directory, settings, users.to),
      users,
      settings,
    ),
  }));
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

/** `left`: what is left for a person then; null: nothing. */
function task(
  machine: Machine,
  place: DirectoryPlace,
  title: string,
  plan: () => Promise<{ readonly steps: readonly DirectoryStep[]; readonly left: string | null }>,
): Task {
  return {
    title,
    machine,
    look: async (): Promise<Found> => {
      const { steps, left } = await plan();
      const changes: Change[] = [];
      for (const step of steps) {
        changes.push({
          kind: 'call',
          does: step.says,
          lines: await describeStep(place, step),
          call: () => applyStep(place, step),
        });
      }
      return { changes, left: left === null ? [] : [left] };
    },
  };
}
