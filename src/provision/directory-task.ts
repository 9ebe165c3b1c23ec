import { directoryChanges, readEntry } from './entry.ts';
import type { Machine } from './machine.ts';
import { toDo, type Task } from './task.ts';

/** A directory of root's that others may look into. One that is there keeps its mode. */
export function directoryTask(machine: Machine, path: string): Task {
  return {
    title: `the directory ${path}`,
    machine,
    look: async (signal) => {
      const entry = await readEntry(machine.host, path, signal);
      return toDo(...directoryChanges(entry, path, { mode: entry?.mode ?? 0o755, owner: 'root' }));
    },
  };
}
