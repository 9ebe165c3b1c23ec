import type { LoadedConfig } from '../../config/merge.ts';
import { tellMistakes } from '../../config/tell-mistakes.ts';
import { refusalOf } from '../../config/works.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import { applyAction } from '../../install/apply-install.ts';
import { describe, describeAction } from '../../install/describe-install.ts';
import type { Role } from '../../install/installation.ts';
import { observeMachine } from '../../install/observe-machine.ts';
import { weakFiles } from '../../host/others-can-change.ts';
import type { Machine } from '../../install/machine.ts';
import { planInstall, type Action } from '../../install/plan-install.ts';
import { knownJobs, nothing } from '../../install/wanted.ts';
import { wireMachine, type InstallPlace } from '../../wire/install.ts';
import type { CliContext, GlobalOptions, JsonDocument } from '../framework/context.ts';
import { settingsFor, wantedHere } from './install-here.ts';
import { thisPlace } from './install-place.ts';
import { requireRoot } from '../framework/require-root.ts';
import { rootRuns } from './root-runs.ts';

export interface InstallCliOptions extends GlobalOptions {
  readonly server: boolean;
  readonly watchConsole: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Makes what is on this machine what is wanted, one thing after the other, and says each. */
export async function runInstall(
  what: 'install' | 'uninstall',
  options: InstallCliOptions,
  context: CliContext,
  place: InstallPlace = thisPlace(),
): Promise<void> {
  requireRoot(`to ${what} jobs and hooks changes what the system runs`);
  const role = roleOf(options, place);
  const machine = wireMachine(place, context.signal);
  try {
    const settings = what === 'install' ? await ownSettings(place, options) : null;
    const wanted = settings === null ? nothing : await wantedHere(role, place, settings, machine.services);
    const there = await observeMachine(machine, wanted, knownJobs(place.kind));
    const actions = planInstall(wanted, there);
    if (settings !== null) await warnOfOthers(place, settings);
    const print = options.json ? () => undefined : context.print;
    if (actions.length === 0) print(`nothing to do: all is ${what}ed already`);
    for (const action of actions) {
      context.signal.throwIfAborted();
      if (options.dryRun) print(describeAction(action, machine).join('\n'));
      else {
        await applyAction(machine, action);
        print(describe(action));
      }
    }
    if (what === 'uninstall') print(left);
    if (options.json) context.print(actionsToJson(actions, machine, options));
  } finally {
    await machine.host.close();
  }
}

/** What was done or, in a dry run, would be: each with its commands and texts. */
function actionsToJson(
  actions: readonly Action[],
  machine: Machine,
  { dryRun }: Pick<InstallCliOptions, 'dryRun'>,
): JsonDocument {
  const told = actions.map((action) => {
    const details = dryRun ? describeAction(action, machine).slice(1) : [];
    return { kind: action.kind, does: describe(action), details: details.map((line) => line.slice(4)) };
  });
  return { dryRun, actions: told };
}

const left =
  'left as they are: homes and their snapshots, settings, keys, homes that wait to be sent, logs, and the program itself';

/** What jobs and hooks are made of has to be what was meant. Throws `usage`, `config-invalid`. */
async function ownSettings(place: InstallPlace, options: InstallCliOptions): Promise<LoadedConfig> {
  const loaded = await settingsFor(place, options);
  const refusal = refusalOf('install', loaded);
  if (refusal !== null) throw refusal;
  for (const warning of tellMistakes(loaded)) process.stderr.write(`roamhome: ${warning}\n`);
  return loaded;
}

function roleOf({ server, watchConsole }: InstallCliOptions, { kind }: InstallPlace): Role {
  if (watchConsole && (kind !== 'macos' || server))
    throw usage('--watch-console is for Macs that users log in to', 'Leave it out.');
  return { kind, server, watchConsole };
}

/** Root runs them from now on. On many Macs Homebrew's node is an admin's: told, and left to them. */
async function warnOfOthers(place: InstallPlace, { config }: LoadedConfig): Promise<void> {
  for (const weak of await weakFiles(rootRuns(config, place)))
    process.stderr.write(
      `roamhome: ${weak.path} will be run by root, and others than root can change ${weak.place}: let it be root’s alone\n`,
    );
}

function usage(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message, remedy });
}
