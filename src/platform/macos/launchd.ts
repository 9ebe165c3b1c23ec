import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv, CommandResult, Host } from '../../host/host.ts';
import { serviceRemedy, unexpectedResult } from '../command-error.ts';
import type { Job, ServiceManager } from '../services.ts';

const directory = '/Library/LaunchDaemons';

/** What launchctl(1) answers for a job that is not loaded: to print 113, to bootout 3. */
const [notFound, noSuchProcess] = [113, 3];
/** To bootout: the job is still on its way out (EINPROGRESS). */
const inProgress = 36;
/** To bootstrap: the job is loaded, or still being booted out; or the file is not root's alone. */
const ioError = 5;

export interface LaunchdOptions {
  readonly host: Host;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Between two looks. */
  readonly pauseMs: number;
  /** How often to look until a job is gone, or is taken. Together longer than the longest ExitTimeOut. */
  readonly tries: number;
}

/** The jobs of the whole machine, by launchctl. */
export function createLaunchd({ host, sleep, pauseMs, tries }: LaunchdOptions): ServiceManager {
  const isLoaded = async (job: Job): Promise<boolean> => {
    const argv: Argv = ['launchctl', 'print', target(job)];
    return parsePrinted(argv, await host.run(argv));
  };

  async function stop(job: Job): Promise<void> {
    const argv = bootoutArgv(job);
    const result = await host.run(argv);
    if (result.exitCode !== 0 && result.exitCode !== noSuchProcess && result.exitCode !== inProgress)
      throw unexpectedResult(argv, result, serviceRemedy);
    // launchctl may return before the job's process has ended; until then a bootstrap fails.
    for (let tried = 0; await isLoaded(job); tried++) {
      if (tried >= tries) throw stillThere(job);
      await sleep(pauseMs);
    }
  }

  return {
    directory,
    filesOf: (job) => [`${label(job)}.plist`],
    stateOf: async (job) => ((await isLoaded(job)) ? 'whole' : 'absent'),
    reloadArgv: null,
    startArgvs: (job) => [bootstrapArgv(job)],
    pauseArgvs: (job) => [bootoutArgv(job)],
    stopArgvs: (job) => [bootoutArgv(job)],
    reload: () => Promise.resolve(),
    pause: stop,
    stop,
    start: async (job) => {
      const argv = bootstrapArgv(job);
      for (let tried = 0; ; tried++) {
        const result = await host.run(argv);
        if (result.exitCode === 0) break;
        if (result.exitCode !== ioError) throw unexpectedResult(argv, result, serviceRemedy);
        if (tried >= tries) throw notTaken(job, result);
        // Loaded by somebody else meanwhile, perhaps from an older file.
        if (await isLoaded(job)) await stop(job);
        else await sleep(pauseMs);
      }
      if (!(await isLoaded(job))) throw notTaken(job, null);
    },
  };
}

/** Reads the answer to `launchctl print`: whether there is such a job. Throws `command-failed`. */
function parsePrinted(argv: Argv, result: CommandResult): boolean {
  if (result.exitCode === 0) return true;
  if (result.exitCode === notFound) return false;
  throw unexpectedResult(argv, result, serviceRemedy);
}

function label(job: Job): string {
  return `org.roamhome.${job}`;
}

function target(job: Job): string {
  return `system/${label(job)}`;
}

function bootstrapArgv(job: Job): Argv {
  return ['launchctl', 'bootstrap', 'system', `${directory}/${label(job)}.plist`];
}

function bootoutArgv(job: Job): Argv {
  return ['launchctl', 'bootout', target(job)];
}

function stillThere(job: Job): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `launchd does not let go of ${label(job)}: it is still there after it was booted out`,
    remedy: `Look at what it does with \`launchctl print ${target(job)}\`, and run this again.`,
    retryable: true,
  });
}

function notTaken(job: Job, result: CommandResult | null): RoamhomeError {
  const said = result === null ? 'it is not there afterwards' : result.stderr.trim();
  return new RoamhomeError({
    code: 'command-failed',
    message: `launchd does not take ${label(job)}: ${said}`,
    remedy: `Look whether ${directory}/${label(job)}.plist and the directories above are root's alone, and whether \`launchctl print-disabled system\` names the job (\`launchctl enable ${target(job)}\`); then run this again.`,
    retryable: true,
  });
}
