import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { createLocalHost } from '../host/local.ts';
import type { Machine } from '../install/machine.ts';
import { systemFiles } from '../install/system-files.ts';
import { createLinuxPlatform } from '../platform/linux/linux-platform.ts';
import { createSystemd } from '../platform/linux/systemd.ts';
import { createLaunchd } from '../platform/macos/launchd.ts';
import { macosLoginHooks } from '../platform/macos/login-hooks.ts';
import { createMacosPlatform } from '../platform/macos/macos-platform.ts';
import type { Platform } from '../platform/platform.ts';

/** Where Roamhome is installed: this machine, or in tests one of which a directory takes the place of `/`. */
export interface InstallPlace {
  readonly kind: 'macos' | 'linux';
  /** '' on a real machine. */
  readonly root: string;
  /** Where launchctl, defaults and systemctl are. */
  readonly path: readonly string[];
  /** Absolute, as the jobs run it. */
  readonly node: string;
  /** Absolute: dist/main.js. The package is two directories above. */
  readonly program: string;
  /** Between two looks at launchd. */
  readonly pauseMs: number;
}

const nameOf = (kind: InstallPlace['kind']): string => (kind === 'macos' ? 'this Mac' : 'this machine');

/** A place's commands, with nothing of Roamhome's settings. `env` is added to theirs. `host` is to be closed. */
export function wirePlace(
  { kind, path }: Pick<InstallPlace, 'kind' | 'path'>,
  env: Readonly<Record<string, string>> = {},
): { readonly host: Host; readonly platform: Platform } {
  const host = createLocalHost({ name: nameOf(kind), path, env });
  return { host, platform: kind === 'macos' ? createMacosPlatform(host) : createLinuxPlatform(host) };
}

/** Puts a machine together that can be set up. `host` is to be closed. */
export function wireMachine({ kind, root, path, pauseMs }: InstallPlace, signal: AbortSignal): Machine {
  const host = createLocalHost({ name: nameOf(kind), path });
  const sleep = (milliseconds: number): Promise<void> =>
    delay(milliseconds, undefined, { signal }).catch(() => Promise.reject(signal.reason as Error));
  return {
    host,
    files: systemFiles(root),
    // 100 s: longer than the longest ExitTimeOut in launchd/.
    services: kind === 'macos' ? createLaunchd({ host, sleep, pauseMs, tries: 100 }) : createSystemd(host),
    hooks: kind === 'macos' ? macosLoginHooks(host) : null,
  };
}
