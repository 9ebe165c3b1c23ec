import type { Argv, Host } from '../host/host.ts';

// syslog lines have a limit of 1 KiB in RFC 3164, and some daemons cut there.
const longest = 900;

/** The command that writes one line to the system log, under the tag `roamhome`. */
export function loggerArgv(priority: 'info' | 'warning' | 'err', message: string): Argv {
  // A line break would make a second, forged entry. \p{Cc} is every control character.
  const line = message
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, longest);
  return ['/usr/bin/logger', '-t', 'roamhome', '-p', `user.${priority}`, '--', line];
}

/** A line to the system log. Never throws: this is where failures are reported when there is no other place left. */
export async function writeSystemLog(
  host: Host,
  priority: 'info' | 'warning' | 'err',
  message: string,
): Promise<void> {
  try {
    await host.run(loggerArgv(priority, message), { timeoutMs: 5000 });
  } catch {
    // Nobody is left to tell; the log file has the event too.
  }
}
