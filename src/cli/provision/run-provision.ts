import { describeChange, detailsOf } from '../../provision/describe-change.ts';
import type { Machine } from '../../provision/machine.ts';
import { applyForReal, runTasks, type Apply, type Report } from '../../provision/run-tasks.ts';
import type { Task } from '../../provision/task.ts';
import { openMachine } from '../../wire/provision.ts';
import type { CliContext } from '../framework/context.ts';
import type { ProvisionOptions } from './options.ts';
import { obstacleLines, reportLines, reportToJson, type ToldChange } from './report-lines.ts';

/** Opens the machine that the options name, and sees to it that the tasks are done there. */
export async function provisionMachine(
  options: ProvisionOptions,
  context: CliContext,
  tasksFor: (machine: Machine) => readonly Task[] | Promise<readonly Task[]>,
): Promise<void> {
  const machine = await openProvisioned(options.host, options, context);
  try {
    await performTasks(await tasksFor(machine), options, context);
  } finally {
    await machine.host.close();
  }
}

/** A machine by its `--host`; none: this one. Its `host` is to be closed. */
export function openProvisioned(
  host: string | undefined,
  options: Pick<ProvisionOptions, 'verbose'>,
  { signal }: CliContext,
): Promise<Machine> {
  return openMachine({
    host,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    tell: (line) => {
      if (options.verbose) process.stderr.write(`${line}\n`);
    },
    signal,
  });
}

/** What a command of provisioning prints goes by. */
type Printing = Pick<ProvisionOptions, 'dryRun' | 'json'>;

/** Does the tasks or, in a dry run, tells what would be done; reports at the end, also of what was done before a failure. */
export async function performTasks(
  tasks: readonly Task[],
  options: Printing,
  context: CliContext,
): Promise<void> {
  const { dryRun: isDryRun, json } = options;
  const { print, signal } = context;
  const changes: ToldChange[] = [];
  // What cannot be done is found out before anything is changed.
  const look: Apply = () => Promise.resolve();
  const tried = isDryRun ? null : await runTasks(tasks, { apply: look, signal, looksOnly: true });
  const isStopped = tried !== null && tried.failure !== null;
  const { report, failure, obstacles } = isStopped
    ? { ...tried, report: nothingDone }
    : await runTasks(tasks, {
        apply: applyFor(options, context, { changes }),
        ...{ signal, looksOnly: isDryRun },
      });
  if (json) print(reportToJson(report, { isDryRun, obstacles, changes }));
  else {
    const told = isStopped
      ? ['nothing was changed']
      : reportLines(report, { isDryRun, failed: failure !== null });
    print([...told, ...obstacleLines(obstacles)].join('\n'));
  }
  if (failure !== null) throw failure;
}

const nothingDone: Report = { done: [], alreadySo: [], left: [] };

/** What becomes of each change: it is shown in a dry run, else made and told; in JSON and when `quiet`, noted in `changes` alone. */
export function applyFor(
  { dryRun, json }: Printing,
  { print }: Pick<CliContext, 'print'>,
  { quiet = false, changes }: { readonly quiet?: boolean; readonly changes: ToldChange[] },
): Apply {
  return async (task, change, abort) => {
    if (!dryRun) await applyForReal(task, change, abort);
    const [machine, does] = [task.machine.name, describeChange(change)];
    const details = dryRun ? detailsOf(change) : [];
    changes.push({ machine, does, details });
    if (json || (quiet && !dryRun)) return;
    print(`${machine}: ${does}`);
    if (dryRun) print(details.map((line) => `    ${line}`).join('\n'));
  };
}
