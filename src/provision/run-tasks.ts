import { applyChange } from './apply-change.ts';
import type { Change, Task } from './task.ts';

/** What became of the tasks, by their titles. */
export interface Report {
  readonly done: readonly string[];
  readonly alreadySo: readonly string[];
  /** What is left for a person. */
  readonly left: readonly string[];
}

/** Does a change, or says what it would be. */
export type Apply = (task: Task, change: Change, signal: AbortSignal) => Promise<void>;

/** For a real run. For a dry run it is one that prints and does nothing: nothing else differs. */
export const applyForReal: Apply = (task, change, signal) => applyChange(task.machine.host, change, signal);

/**
 * Goes through the tasks in their order. Each is looked at only when its turn comes, so that it sees what the ones before
 * it made, and a run that was cut off anywhere is gone on with by the next. Ends with the first failure; `report` tells
 * what was done until then.
 */
export async function runTasks(
  tasks: readonly Task[],
  { apply, signal }: { readonly apply: Apply; readonly signal: AbortSignal },
): Promise<{ readonly report: Report; readonly failure: Error | null }> {
  const done: string[] = [];
  const alreadySo: string[] = [];
  const left: string[] = [];
  const report = { done, alreadySo, left };
  for (const task of tasks) {
    try {
      signal.throwIfAborted();
      const found = await task.look(signal);
      for (const change of found.changes) {
        signal.throwIfAborted();
        await apply(task, change, signal);
      }
      (found.changes.length > 0 ? done : alreadySo).push(task.title);
      left.push(...found.left);
    } catch (thrown) {
      return { report, failure: thrown instanceof Error ? thrown : new Error(String(thrown)) };
    }
  }
  return { report, failure: null };
}
