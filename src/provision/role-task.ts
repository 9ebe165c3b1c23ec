import { RoamhomeError } from '../errors/errors.ts';
import type { Machine } from './machine.ts';
import { readSetting, settingsPath } from './settings-task.ts';
import { alreadySo, type Task } from './task.ts';

const inWords = { mac: 'a Mac or workstation', server: 'the server' } as const;

/**
 * That a machine may be what it is set up as: it is one of the two. Fails where its settings say that it is the other; `mayChange`: a
 * person says that they are wrong about it. The settings themselves are written by the task of those.
 */
export function roleTask(
  machine: Machine,
  role: 'mac' | 'server',
  { mayChange = false }: { readonly mayChange?: boolean } = {},
): Task {
  const other = role === 'mac' ? 'server' : 'mac';
  const file = settingsPath(machine);
  const refuse = (is: string, remedy: string): RoamhomeError =>
    new RoamhomeError({
      code: 'wrong-machine',
      message: `${machine.name} is ${is}, and cannot be ${inWords[role]} too`,
      remedy: `Set up another machine. If it is ${inWords[role]}, ${remedy}.`,
    });
  return {
    title: 'the role of the machine',
    machine,
    look: async (signal) => {
      if (!mayChange && (await readSetting(machine, 'role', signal)) === other)
        throw refuse(
          `${inWords[other]} (role in ${file})`,
          `run there, as root: \`roamhome provision role ${role}\``,
        );
      const address = await readSetting(machine, 'server.address', signal);
      if (role === 'server' && address !== undefined)
        throw refuse(
          `a Mac or workstation of ${JSON.stringify(address)} (server.address in ${file})`,
          `take server.address out of ${file}, and run this again`,
        );
      return alreadySo;
    },
  };
}
