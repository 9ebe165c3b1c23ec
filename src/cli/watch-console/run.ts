import { setTimeout as delay } from 'node:timers/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import { observeConsole } from '../../platform/macos/console.ts';
import { systemMountpoints } from '../../homes/mount/mountpoints.ts';
import { watchConsole } from '../../homes/console/watch-console.ts';
import { wirePlace, type InstallPlace } from '../../wire/install.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { thisPlace } from '../install/install-place.ts';
import { loadSettings } from '../framework/load-cli-config.ts';
import { requireRoot } from '../framework/require-root.ts';
import { openLog } from '../../wire/system.ts';

/** Follows the console until a signal ends it, with exit code 0: that is how it is meant to end. */
export async function runWatchConsole(
  options: GlobalOptions,
  { signal }: CliContext,
  place: InstallPlace = thisPlace(),
): Promise<void> {
  requireRoot('a login and a logout mount, snapshot and receive');
  if (place.kind !== 'macos') {
    throw new RoamhomeError({
      code: 'usage',
      message: 'only a Mac has a console user to watch',
      remedy: 'On Linux let PAM or the display manager call `roamhome login` and `roamhome logout`.',
    });
  }
  const { kind, node, program } = place;
  const { config: file, set } = options;
  const { config } = await loadSettings(options, { kind });
  const { host, platform } = wirePlace(place);
  const log = openLog(config, platform, options);
  log.info('console-watched');
  try {
    await watchConsole({
      observe: () => observeConsole(host),
      uidOf: async (user) => (await platform.findAccount(user))?.uid ?? null,
      isMounted: (user) => systemMountpoints.isMountpoint(`${config.local.homeBase}/${user}`),
      run: async (what, user) => {
        const own = [
          ...(file === undefined ? [] : ['--config', file]),
          ...set.flatMap((one) => ['--set', one]),
        ];
        return (await host.run([node, program, what, ...own, '--', user], { signal })).exitCode;
      },
      pause: () => delay(pauseMs(place), undefined, { signal }),
      log,
      signal,
    });
  } finally {
    await host.close();
    await log.close();
  }
}

/** Two seconds on a real machine. */
function pauseMs(place: InstallPlace): number {
  return place.pauseMs * 2;
}
