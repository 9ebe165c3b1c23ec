import { describeChange, detailsOf } from '../../provision/describe-change.ts';
import type { Machine } from '../../provision/machine.ts';
import { applyForReal, runTasks, type Apply } from '../../provision/run-tasks.ts';
import type { Task } from '../../provision/task.ts';
import { openMachine } from '../../wire-provision.ts';
import type { CliContext } from '../context.ts';
import type { ProvisionOptions } from './options.ts';
import { reportLines } from './report-lines.ts';

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

/** Does the tasks or, in a dry run, tells what would be done; reports at the end, also of what was done before a failure. */
export async function performTasks(
  tasks: readonly Task[],
  options: Pick<ProvisionOptions, 'dryRun'>,
  context: CliContext,
): Promise<void> {
  if (!options.dryRun) await lookAtAll(tasks, context.signal, context.print);
  const { report, failure } = await runTasks(tasks, {
    apply: applyFor(options, context),
    signal: context.signal,
  });
  context.print(reportLines(report, { isDryRun: options.dryRun, failed: failure !== null }).join('\n'));
  if (failure !== null) throw failure;
}

/** What becomes of each change: it is shown in a dry run, else made and told; `quiet`: not told. */
export function applyFor(
  { dryRun }: Pick<ProvisionOptions, 'dryRun'>,
  { print }: Pick<CliContext, 'print'>,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Apply {
  const show: Apply = (task, change) => {
    print(`${task.machine.name}: ${describeChange(change)}`);
    print(
      detailsOf(change)
        .map((line) => `    ${line}`)
        .join('\n'),
    );
    return Promise.resolve();
  };
  const act: Apply = async (task, change, abort) => {
    await applyForReal(task, change, abort);
    if (!quiet) print(`${task.machine.name}: ${describeChange(change)}`);
  };
  return dryRun ? show : act;
}

/** What cannot be done is found out before anything is changed. */
async function lookAtAll(
  tasks: readonly Task[],
  signal: AbortSignal,
  print: CliContext['print'],
): Promise<void> {
  const { failure } = await runTasks(tasks, { apply: () => Promise.resolve(), signal });
  if (failure === null) return;
  print('nothing was changed');
  throw failure;
}
