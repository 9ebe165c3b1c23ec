import { dirname } from 'node:path';
import type { LoadedConfig } from '../../config/merge.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Role } from '../../install/installation.ts';
import { readPackage } from '../../install/read-package.ts';
import { wantedOn, type Wanted } from '../../install/wanted.ts';
import type { ServiceManager } from '../../platform/services.ts';
import type { InstallPlace } from '../../wire/install.ts';
import type { GlobalOptions } from '../framework/context.ts';
import { loadSettings } from '../framework/load-cli-config.ts';
import { version } from '../framework/version.ts';

/** What `roamhome install` makes of a machine in this role. Throws `file-unreadable`. */
export async function wantedHere(
  role: Role,
  { node, program, kind }: InstallPlace,
  { config }: Pick<LoadedConfig, 'config'>,
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

/** The machine's own settings: what this command line alone knows, the jobs would not follow. Throws `usage`. */
export async function settingsFor(
  { kind }: Pick<InstallPlace, 'kind'>,
  options: Pick<GlobalOptions, 'config' | 'set'>,
): Promise<LoadedConfig> {
  if (options.config !== undefined || options.set.some((setting) => !setting.startsWith('jobs.'))) {
    throw new RoamhomeError({
      code: 'usage',
      message: 'jobs and hooks follow the machine’s own settings, not those of this command line',
      remedy: 'Write them to the machine’s file of settings; only `--set jobs.…` is taken here.',
    });
  }
  return loadSettings({ config: undefined, set: options.set }, { kind });
}
