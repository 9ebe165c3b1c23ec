import type { LoadedConfig } from '../../config/merge.ts';
import { exitCodeOf } from '../../errors/exit-codes.ts';
import type { SshHost } from '../../host/ssh/ssh.ts';
import { describeThinning } from '../../thinning/describe-thinning.ts';
import { holdHeads, planHeads } from '../../thinning/hold-heads.ts';
import { describeHolds, type HoldPlan } from '../../thinning/plan-holds.ts';
import { freedBytes, listHomes, planHomes, type ThinningJob } from '../../thinning/plan-homes.ts';
import { thinHomes } from '../../thinning/thin-homes.ts';
import { wireHolds, wireThinning } from '../../wire/thinning.ts';
import { wireServer } from '../../wire/session.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { describeError } from '../framework/report-error.ts';
import { requireRoot } from '../framework/require-root.ts';
import { openLog, openSystem } from '../../wire/system.ts';
import { explainedToJson, summariseThinning, thinnedToJson, type Explained } from './text.ts';
import { maximumAgesOf, scheduleOf } from '../framework/thinning-settings.ts';

export interface ThinCliOptions extends GlobalOptions {
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly server: boolean;
  readonly json: boolean;
}

/** Thins the homes of this machine once, or says what that would do; sets the exit code of what could not go. */
export async function runThin(options: ThinCliOptions, context: CliContext): Promise<void> {
  requireRoot('thinning destroys snapshots');
  const loaded = await loadCliConfig(options, options.server ? 'thin-server' : 'thin-mac');
  const { config } = loaded;
  const settings = { schedule: scheduleOf(loaded), maximumAges: maximumAgesOf(loaded) };
  const system = openSystem(config);
  const log = openLog(config, system.platform, options);
  const serverHost: SshHost | null = options.server ? null : wireServer(loaded);
  const { signal } = context;
  const job = wireThinning({ ...system, ...settings, config, serverHost, log, signal, force: options.force });
  try {
    if (options.dryRun) await explain(job, loaded, options, context);
    else await thin(job, loaded, options, context);
  } finally {
    await serverHost?.close();
    await system.localHost.close();
    await log.close();
  }
}

async function explain(
  job: ThinningJob,
  { config }: LoadedConfig,
  { server, json }: ThinCliOptions,
  { print }: CliContext,
): Promise<void> {
  const listed = await listHomes(job);
  const holds: HoldPlan = server
    ? await planHeads(wireHolds(job, config), listed)
    : { hold: [], release: [] };
  const plans: Explained[] = [];
  for (const plan of await planHomes(job, listed))
    plans.push({ plan, freed: plan.destroyed.length === 0 ? 0n : await freedBytes(job, plan) });
  if (json) {
    print(explainedToJson(plans, holds));
    return;
  }
  const lines = plans.flatMap(({ plan, freed }) => [
    ...describeThinning(plan, freed),
    ...plan.expired.map((name) => `  remove  bookmark ${name}: its time is over`),
  ]);
  print([...lines, ...describeHolds(holds)].join('\n') || 'there are no homes');
}

async function thin(
  job: ThinningJob,
  { config }: LoadedConfig,
  { server, json, verbose }: ThinCliOptions,
  context: CliContext,
): Promise<void> {
  const { log } = job;
  const listed = await listHomes(job);
  const holds = server ? await holdHeads(wireHolds(job, config), listed) : null;
  const report = await thinHomes(job, listed);
  for (const warning of report.future) {
    log.warn('thin-warning', { warning });
    process.stderr.write(`roamhome: ${warning}\n`);
  }
  const problems = [...(holds?.problems ?? []), ...report.problems];
  for (const error of problems) {
    log.error('thin-problem', { error });
    process.stderr.write(`${describeError(error, { verbose }).join('\n')}\n`);
  }
  context.print(json ? thinnedToJson(report, holds, problems) : summariseThinning(report, holds, problems));
  const [first] = problems;
  if (first !== undefined) context.setExitCode(exitCodeOf(first));
}
