import { isRoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, type Task } from '../task.ts';

/** The group whose members roam: without it every login here fails. One of a directory server will do. */
export function syncGroupTask(machine: Machine, group: string): Task {
  return {
    title: `the group ${group}`,
    machine,
    look: async () => {
      try {
        // Whether root is a member does not matter.
        await machine.platform.isMember('root', group);
        return alreadySo;
      } catch (error) {
        if (!isRoamhomeError(error, 'group-unknown')) throw error;
      }
      const isMac = machine.kind === 'macos';
      const argv: Argv = isMac ? ['dseditgroup', '-o', 'create', group] : ['groupadd', group];
      const member = isMac ? `dseditgroup -o edit -a USER -t user ${group}` : `usermod -aG ${group} USER`;
      return {
        changes: [{ kind: 'run', does: `make the group ${group}`, argv }],
        left: [`put each user whose home is to roam into the group ${group}: ${member}`],
      };
    },
  };
}
