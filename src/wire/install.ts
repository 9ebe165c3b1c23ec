import { setTimeout as delay } from 'node:timers/promises';
import { createLocalHost } from '../host/local.ts';
import type { Machine } from '../install/machine.ts';
import { systemFiles } from '../install/system-files.ts';
import { createSystemd } from '../platform/linux/systemd.ts';
import { createLaunchd } from '../platform/macos/launchd.ts';
import { macosLoginHooks } from '../platform/macos/login-hooks.ts';

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

/** Puts a machine together that can be set up. `host` is to be closed. */
export function wireMachine({ kind, root, path, pauseMs }: InstallPlace, signal: AbortSignal): Machine {
  const name = kind === 'macos' ? 'this Mac' : 'this machine';
  const host = createLocalHost({ name, path });
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
