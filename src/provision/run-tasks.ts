import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import { applyChange } from './apply-change.ts';
import type { Change, Task } from './task.ts';

/** What became of the tasks, by their titles. */
export interface Report {
  readonly done: readonly string[];
  readonly alreadySo: readonly string[];
  /** What is left for a person. */
  readonly left: readonly string[];
}

/** How a run ended. */
export interface TasksRun {
  readonly report: Report;
  /** The first of what is in the way, or what ended the run. */
  readonly failure: Error | null;
  readonly obstacles: readonly RoamhomeError[];
}

/** Does a change, or says what it would be. */
export type Apply = (task: Task, change: Change, signal: AbortSignal) => Promise<void>;

/** For a real run. For a dry run it is one that prints and does nothing: nothing else differs. */
export const applyForReal: Apply = (task, change, signal) => applyChange(task.machine.host, change, signal);

/**
 * Goes through the tasks in their order. Each is looked at only when its turn comes, so that it sees what the ones before
 * it made, and a run that was cut off anywhere is gone on with by the next. Ends with the first failure; `report` tells
 * what was done until then. `looksOnly`: `apply` changes nothing, so that all that is in the way is found at once, each in
 * `obstacles`; only a machine that does not answer ends it.
 */
export async function runTasks(
  tasks: readonly Task[],
  {
    apply,
    signal,
    looksOnly = false,
  }: { readonly apply: Apply; readonly signal: AbortSignal; readonly looksOnly?: boolean },
): Promise<TasksRun> {
  const obstacles: RoamhomeError[] = [];
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
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (!isRoamhomeError(failure)) return { report, failure, obstacles };
      // Two roots in a pool that is not there are one thing in the way.
      if (!obstacles.some(({ message }) => message === failure.message)) obstacles.push(failure);
      if (!looksOnly || failure.retryable || signal.aborted)
        return { report, failure: obstacles[0] ?? failure, obstacles };
    }
  }
  return { report, failure: obstacles[0] ?? null, obstacles };
}
