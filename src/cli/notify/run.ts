import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitRun } from '../../homes/notification/await-run.ts';
import { noticesOf } from '../../homes/notification/notices.ts';
import { readStatus } from '../../homes/notification/read-status.ts';
import { unexpectedResult } from '../../platform/command-error.ts';
import { wirePlace, type InstallPlace } from '../../wire/install.ts';
import { parseUserName } from '../../zfs/names.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { systemKind } from '../../config/system-kind.ts';
import { systemPath } from '../../wire/system.ts';

/** What the program that shows a notice finds the session by. */
const sessionVariables = [
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'HOME',
];

/** For that program: a desktop that has not begun yet may keep it waiting. */
const showMs = 10_000;

/** Shows, as the user and in their session, what is to be said of the run that has prepared it. */
export async function runNotify(
  options: GlobalOptions & { readonly directory: string | undefined },
  { signal }: CliContext,
  place: Pick<InstallPlace, 'kind' | 'path'> = {
    kind: systemKind(process.platform),
    path: systemPath,
  },
): Promise<void> {
  const directory = options.directory ?? (await loadCliConfig(options, 'look')).config.progress.statusDir;
  const file = join(directory, `${parseUserName(userInfo().username)}.json`);
  const status = await awaitRun({
    read: () => readStatus(file),
    isRunning,
    now: Date.now,
    sleep: (milliseconds) =>
      delay(milliseconds, undefined, { signal }).catch(() => Promise.reject(signal.reason as Error)),
  });
  if (status === null) return;
  const env = Object.fromEntries(
    sessionVariables.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const { host, platform } = wirePlace(place, env);
  try {
    for (const notice of noticesOf(status)) {
      const argv = platform.noticeArgv(notice);
      const result = await host.run(argv, { signal, timeoutMs: showMs });
      if (result.exitCode !== 0)
        throw unexpectedResult(argv, result, 'Run it within the session of a user at the screen.');
    }
  } finally {
    await host.close();
  }
}

/** A process of root's refuses the signal, and is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
