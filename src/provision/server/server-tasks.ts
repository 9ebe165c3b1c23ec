import type { Machine } from '../machine.ts';
import { parentDatasetTask, parentProperties } from '../parent-dataset.ts';
import type { Task } from '../task.ts';
import { accountTask, groupTask } from './account.ts';
import { accountHome, accountShell, type ServerSetup } from './wanted-server.ts';

/** All that makes a machine a server, in an order in which each finds what it needs. */
export function serverTasks(machine: Machine, setup: ServerSetup): readonly Task[] {
  const { account, group, restriction } = setup;
  const shell = accountShell(restriction, '/usr/bin/lshell');
  return [
    ...[setup.root, setup.conflictsRoot].map((dataset) =>
      parentDatasetTask(machine, { dataset, properties: parentProperties }, { poolToCome: false }),
    ),
    groupTask(machine, group),
    accountTask(machine, { name: account, group, home: accountHome(account), shell }),
  ];
}
