import { exitCodeOf, EX } from '../../errors/exit-codes.ts';
import { isRoamhomeError, type ErrorCode } from '../../errors/errors.ts';
import { runTasks } from '../../provision/run-tasks.ts';
import type { Task } from '../../provision/task.ts';
import type { CsvMistake, CsvUser } from '../../provision/user/csv.ts';
import type { UserRequest } from '../../provision/user/user-request.ts';
import type { CliContext } from '../framework/context.ts';
import type { ProvisionOptions } from './options.ts';
import type { ToldChange } from './report-lines.ts';
import { applyFor } from './run-provision.ts';

/** What would be the same for every further line. */
const endsAll: readonly ErrorCode[] = [
  ...(['directory-unreachable', 'directory-untrusted', 'directory-refused', 'directory-incomplete'] as const),
  ...(['server-unreachable', 'connection-lost', 'pool-suspended', 'cancelled'] as const),
];

/** Adds the users of a file, one after the other; tells what became of each line, and sets the exit code of the first failure. */
export async function addFromCsv(
  users: readonly CsvUser[],
  mistakes: readonly CsvMistake[],
  tasksFor: (request: UserRequest) => readonly Task[],
  options: Pick<ProvisionOptions, 'dryRun' | 'json'>,
  context: CliContext,
): Promise<void> {
  const { setExitCode, signal } = context;
  const print = options.json ? () => undefined : context.print;
  const lines: { line: number; user: string; what: string }[] = [];
  const changes: ToldChange[] = [];
  const tell = (line: number, user: string, what: string): void => {
    lines.push({ line, user, what });
    print(`line ${line}: ${user === '' ? '-' : user}: ${what}`);
  };
  const apply = applyFor(options, context, { quiet: true, changes });
  const count = { done: 0, already: 0, failed: mistakes.length, left: 0 };
  let firstFailure: number | null = mistakes.length > 0 ? EX.DATAERR : null;
  let ended = false;
  for (const { line, user, why } of mistakes) tell(line, user, `bad line: ${why.join('; ')}`);
  for (const { line, request } of users) {
    const { user } = request;
    if (ended) {
      count.left += 1;
      tell(line, user, 'not tried');
      continue;
    }
    const { report, failure } = await runTasks(tasksFor(request), { apply, signal });
    if (failure !== null) {
      if (!isRoamhomeError(failure)) throw failure;
      count.failed += 1;
      firstFailure ??= exitCodeOf(failure);
      ended = isRoamhomeError(failure, ...endsAll);
      const before = report.done.length === 0 ? '' : ` (done before: ${report.done.join(', ')})`;
      tell(line, user, `failed: ${failure.message}${before}\n    ${failure.remedy}`);
      continue;
    }
    const isNew = report.done.length > 0;
    count[isNew ? 'done' : 'already'] += 1;
    tell(line, user, isNew ? (options.dryRun ? 'would be added' : 'added') : 'there already');
    for (const left of report.left) print(`    ${left}`);
  }
  print(
    `${count.done} ${options.dryRun ? 'would be added' : 'added'}, ${count.already} there already, ${count.failed} failed` +
      (count.left > 0 ? `, ${count.left} not tried: run it again when the cause is removed` : ''),
  );
  if (options.json) context.print({ dryRun: options.dryRun, ...count, lines, changes });
  if (firstFailure !== null) setExitCode(firstFailure);
}
