import type { Argv, CommandResult, Host } from '../../host/host.ts';
import { serviceRemedy, unexpectedResult } from '../command-error.ts';
import type { Job, JobState, ServiceManager } from '../services.ts';

const directory = '/etc/systemd/system';

/** The units of the whole machine, by systemctl. */
export function createSystemd(host: Host): ServiceManager {
  async function run(argv: Argv): Promise<CommandResult> {
    const result = await host.run(argv);
    if (result.exitCode !== 0) throw unexpectedResult(argv, result, serviceRemedy);
    return result;
  }

  const runAll = async (argvs: readonly Argv[]): Promise<void> => {
    for (const argv of argvs) await run(argv);
  };

  return {
    directory,
    filesOf: (job) => [serviceOf(job), ...triggersOf(job)],
    stateOf: async (job) => {
      const states: UnitState[] = [];
      for (const unit of triggersOf(job)) {
        const argv: Argv = ['systemctl', 'show', '-p', 'LoadState,ActiveState,UnitFileState', unit];
        states.push(parseUnit(argv, await run(argv)));
      }
      return jobState(states);
    },
    reloadArgv,
    startArgvs,
    pauseArgvs,
    stopArgvs,
    reload: () => runAll([reloadArgv]),
    start: (job) => runAll(startArgvs(job)),
    pause: (job) => runAll(pauseArgvs(job)),
    stop: (job) => runAll(stopArgvs(job)),
  };
}

interface UnitState {
  readonly isActive: boolean;
  readonly isEnabled: boolean;
}

const reloadArgv: Argv = ['systemctl', 'daemon-reload'];

function serviceOf(job: Job): string {
  return `roamhome-${job}.service`;
}

/** What starts the service; they are what is enabled. */
function triggersOf(job: Job): readonly string[] {
  return [`roamhome-${job}.timer`, ...(job === 'pending' ? [`roamhome-${job}.path`] : [])];
}

function startArgvs(job: Job): readonly Argv[] {
  return [['systemctl', 'enable', '--now', ...triggersOf(job)]];
}

function pauseArgvs(job: Job): readonly Argv[] {
  return [['systemctl', 'disable', '--now', ...triggersOf(job)]];
}

/** Triggers first, so that nothing starts the service again. Stopping awaits its end. */
function stopArgvs(job: Job): readonly Argv[] {
  return [...pauseArgvs(job), ['systemctl', 'stop', serviceOf(job)]];
}

/** Reads `Key=value` lines of `systemctl show`. Throws `command-failed`. */
function parseUnit(argv: Argv, result: CommandResult): UnitState {
  const values = new Map<string, string>();
  for (const line of result.stdout.split('\n')) {
    if (line === '') continue;
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw unexpectedResult(argv, result, serviceRemedy);
    values.set(key, value);
  }
  // UnitFileState is empty for a unit that has no file.
  const [active, file] = [values.get('ActiveState'), values.get('UnitFileState')];
  if (active === undefined || file === undefined) throw unexpectedResult(argv, result, serviceRemedy);
  return { isActive: active === 'active', isEnabled: file === 'enabled' };
}

/** Pure. */
function jobState(states: readonly UnitState[]): JobState {
  if (states.every(({ isActive, isEnabled }) => isActive && isEnabled)) return 'whole';
  return states.some(({ isActive, isEnabled }) => isActive || isEnabled) ? 'partly' : 'absent';
}
