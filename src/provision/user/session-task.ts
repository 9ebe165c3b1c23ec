import { RoamhomeError } from '../../errors/errors.ts';
import { sessionProperty } from '../../sync/properties.ts';
import { describeSession, parseSessionRecord } from '../../homes/presence/session-record.ts';
import { alreadySo, type Task } from '../task.ts';
import { homeOf, requireRoots, type HomesPlace } from './place.ts';

/** Nobody is at work in the home, as far as the server knows. `force`: it does not matter. Changes nothing. */
export function noSessionTask(place: HomesPlace, user: string, force: boolean): Task {
  const { machine, now } = place;
  const home = homeOf(place, user);
  return {
    title: `no session of ${user}`,
    machine,
    look: async (signal) => {
      await requireRoots(place, signal);
      const found = (await machine.zfs.listTree(home, [sessionProperty], { signal })) ?? [];
      const own = found.find(({ name }) => name === home);
      const record = parseSessionRecord(own?.properties[sessionProperty] ?? '-');
      if (record === null) return alreadySo;
      const session = describeSession(user, record, now());
      if (force) return { changes: [], left: [`${session}: what that Mac has not sent stays on it`] };
      throw new RoamhomeError({
        code: 'logged-in-elsewhere',
        message: session,
        remedy: 'Let them log out there first; if that Mac is gone, run this again with --force.',
      });
    },
  };
}
