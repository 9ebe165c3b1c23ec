import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { RoamhomeError } from '../errors/errors.ts';
import type { Role } from '../install/installation.ts';
import { readPackage } from '../install/read-package.ts';
import { wantedOn, type Wanted } from '../install/wanted.ts';
import type { ServiceManager } from '../platform/services.ts';
import type { InstallPlace } from '../wire-install.ts';
import type { GlobalOptions } from './context.ts';
import { version } from './version.ts';

/** What `roamhome install` makes of a machine in this role. Throws `file-unreadable`. */
export async function wantedHere(
  role: Role,
  { node, program, kind }: InstallPlace,
  config: Config,
  services: ServiceManager,
): Promise<Wanted> {
  const { spoolDir, stateDir, macName } = config.local;
  const texts = await readPackage(
    dirname(dirname(program)),
    kind === 'macos' ? ['hooks', 'launchd'] : ['systemd', 'xdg'],
  );
  const { statusDir, notice } = config.progress;
  const installation = {
    ...{ version, node, program, spoolDir, stateDir, macName, statusDir, notice },
    jobs: config.jobs,
  };
  return wantedOn(role, installation, texts, services);
}

/** The machine's own settings: what this command line alone knows, the jobs would not follow. Throws `usage`, `config-invalid`. */
export async function settingsFor(
  { kind }: Pick<InstallPlace, 'kind'>,
  options: Pick<GlobalOptions, 'config' | 'set'>,
): Promise<Config> {
  if (options.config !== undefined || options.set.some((setting) => !setting.startsWith('jobs.'))) {
    throw new RoamhomeError({
      code: 'usage',
      message: 'jobs and hooks follow the machine’s own settings, not those of this command line',
      remedy: 'Write them to the machine’s file of settings; only `--set jobs.…` is taken here.',
    });
  }
  const request = { kind, hostName: hostname(), set: options.set, trustOnlyRoot: true };
  return (await loadConfig(request)).config;
}
