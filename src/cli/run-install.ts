import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { applyAction } from '../install/apply-install.ts';
import { describe, describeAction } from '../install/describe-install.ts';
import type { Role } from '../install/installation.ts';
import { observeMachine } from '../install/observe-machine.ts';
import { othersCanChange } from '../install/others-can-change.ts';
import { planInstall } from '../install/plan-install.ts';
import { readPackage } from '../install/read-package.ts';
import { knownJobs, nothing, wantedOn, type Wanted } from '../install/wanted.ts';
import type { ServiceManager } from '../platform/services.ts';
import { wireMachine, type InstallPlace } from '../wire-install.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { thisPlace } from './install-place.ts';
import { requireRoot } from './require-root.ts';
import { version } from './version.ts';

export interface InstallCliOptions extends GlobalOptions {
  readonly server: boolean;
  readonly watchConsole: boolean;
  readonly dryRun: boolean;
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
    const wanted = what === 'install' ? await wantedHere(role, place, options, machine.services) : nothing;
    const there = await observeMachine(machine, wanted, knownJobs(place.kind));
    const actions = planInstall(wanted, there);
    if (what === 'install') await warnOfOthers(place);
    if (actions.length === 0) context.print(`nothing to do: all is ${what}ed already`);
    for (const action of actions) {
      context.signal.throwIfAborted();
      if (options.dryRun) context.print(describeAction(action, machine).join('\n'));
      else {
        await applyAction(machine, action);
        context.print(describe(action));
      }
    }
    if (what === 'uninstall') context.print(left);
  } finally {
    await machine.host.close();
  }
}

const left =
  'left as they are: homes and their snapshots, settings, keys, homes that wait to be sent, logs, and the program itself';

function roleOf({ server, watchConsole }: InstallCliOptions, { kind }: InstallPlace): Role {
  if (watchConsole && (kind !== 'macos' || server))
    throw usage('--watch-console is for Macs that users log in to', 'Leave it out.');
  return { kind, server, watchConsole };
}

async function wantedHere(
  role: Role,
  place: InstallPlace,
  options: InstallCliOptions,
  services: ServiceManager,
): Promise<Wanted> {
  const config = await settingsFor(place, options);
  const { spoolDir, stateDir, macName } = config.local;
  const { node, program, kind } = place;
  const texts = await readPackage(
    dirname(dirname(program)),
    kind === 'macos' ? ['hooks', 'launchd'] : ['systemd'],
  );
  const installation = { version, node, program, spoolDir, stateDir, macName, jobs: config.jobs };
  return wantedOn(role, installation, texts, services);
}

/** The machine's own: what this command line alone knows, the jobs would not follow. */
async function settingsFor(place: InstallPlace, options: InstallCliOptions): Promise<Config> {
  if (options.config !== undefined || options.set.some((setting) => !setting.startsWith('jobs.'))) {
    throw usage(
      'jobs and hooks follow the machine’s own settings, not those of this command line',
      'Write them to the machine’s file of settings; only `--set jobs.…` is taken here.',
    );
  }
  const { kind } = place;
  const request = { kind, hostName: hostname(), set: options.set, trustOnlyRoot: true };
  return (await loadConfig(request)).config;
}

/** Root runs them from now on. On many Macs Homebrew's node is an admin's: told, and left to them. */
async function warnOfOthers({ node, program }: InstallPlace): Promise<void> {
  for (const path of [node, program]) {
    const weak = await othersCanChange(path);
    if (weak === null) continue;
    process.stderr.write(
      `roamhome: ${path} will be run by root, and others than root can change ${weak}: let it be root’s alone\n`,
    );
  }
}

function usage(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'usage', message, remedy });
}
