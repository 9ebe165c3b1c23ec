import { keyDirectory } from '../../provision/client/wanted-client.ts';
import { directoryTask } from '../../provision/directory-task.ts';
import type { Machine } from '../../provision/machine.ts';
import { roleTask } from '../../provision/role-task.ts';
import { settingsTask } from '../../provision/settings-task.ts';
import type { Task } from '../../provision/task.ts';
import type { CliContext } from '../framework/context.ts';
import { defaultSettings } from './default-settings.ts';
import type { ProvisionOptions } from './options.ts';
import { provisionMachine } from './run-provision.ts';

/** Writes a machine's role into its own settings, whatever it was. */
export async function runRole(
  options: ProvisionOptions & { readonly role: 'mac' | 'server' },
  context: CliContext,
): Promise<void> {
  const { role } = options;
  await provisionMachine(options, context, (machine) => roleTasks(machine, role));
}

export function roleTasks(machine: Machine, role: 'mac' | 'server'): readonly Task[] {
  return [
    roleTask(machine, role, { mayChange: true }),
    directoryTask(machine, keyDirectory(machine.kind)),
    settingsTask(machine, { role }, defaultSettings(machine.kind)),
  ];
}
