import { exitCodeOf } from '../../errors/exit-codes.ts';
import { describeTend } from '../../homes/tending/plan-tend.ts';
import { keptDays } from '../../homes/tending/removed.ts';
import { planTending, tend } from '../../homes/tending/tend.ts';
import { wireTending } from '../../wire/tending.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { describeError } from '../framework/report-error.ts';
import { requireRoot } from '../framework/require-root.ts';
import { openLog, openSystem } from '../../wire/system.ts';

export interface TendCliOptions extends GlobalOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Runs the server's job once, tells what it did, and sets the exit code of its first problem. */
export async function runTend(options: TendCliOptions, context: CliContext): Promise<void> {
  requireRoot('tending gives up receives and removes branches');
  const { config } = await loadCliConfig(options, 'tend');
  const system = openSystem(config);
  const log = openLog(config, system.platform, options);
  try {
    const tending = wireTending({
      ...{ config, localHost: system.localHost, platform: system.platform },
      ...{ log, signal: context.signal },
    });
    if (options.dryRun) {
      const plan = await planTending(tending);
      const words = describeTend(plan);
      const { abort, destroy, unproven } = plan;
      const end = plan.end.map(({ dataset, program: { pid, ageMs }, because }) => ({
        dataset,
        pid,
        ageMs,
        because,
      }));
      const [remove, compare] = [plan.remove, plan.compare].map((all) =>
        all.map(({ twins: _twins, ...told }) => told),
      );
      context.print(
        options.json
          ? {
              dryRun: true,
              end,
              abort,
              remove,
              compare,
              destroy,
              unproven: unproven.map(({ branch }) => branch),
            }
          : words.join('\n') || 'nothing to do',
      );
      return;
    }
    const report = await tend(tending);
    for (const error of report.problems) {
      log.error('tend-problem', { error });
      process.stderr.write(`${describeError(error, { verbose: options.verbose }).join('\n')}\n`);
    }
    const { aborted, removed, destroyed, unproven, busy, problems } = report;
    for (const branch of unproven)
      process.stderr.write(`roamhome: ${branch} stays: see \`roamhome tend --dry-run\`\n`);
    context.print(
      options.json
        ? { aborted, removed, destroyed, unproven, busy, problems }
        : `tend: ${aborted.length} transfers given up, ${removed.length} branches removed (kept for ${keptDays} days), ${destroyed.length} destroyed, ${unproven.length} unproven, ${busy.length} in use, ${problems.length} problems`,
    );
    const [first] = problems;
    if (first !== undefined) context.setExitCode(exitCodeOf(first));
  } finally {
    await system.localHost.close();
    await log.close();
  }
}
