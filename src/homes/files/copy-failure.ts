import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv, CommandResult } from '../../host/host.ts';
import { fullDiskAccessRemedy } from '../../host/full-disk-access.ts';
import { isBsdtar } from '../../platform/tar.ts';
import { diskFullCode } from '../../platform/disk-full.ts';

/** What a program that failed said: `no-space` and `quota-exceeded` where that is why, else `command-failed`. */
export function failed(argv: Argv, { stderr, exitCode, signal }: CommandResult): RoamhomeError {
  const why = firstLine(stderr) || `${argv[0]} ended with ${exitCode ?? signal ?? 'no exit code'}`;
  const full = diskFullCode(stderr);
  if (full === null) {
    const access = isBsdtar(argv) ? fullDiskAccessRemedy(stderr) : null;
    const remedy = access ?? 'Look at the place, and restore again: what is there already is left alone.';
    return new RoamhomeError({ code: 'command-failed', message: why, remedy });
  }
  return doesNotFit(full, why);
}

/** Nothing took its place. Pure. */
export function doesNotFit(code: 'no-space' | 'quota-exceeded', why: string): RoamhomeError {
  return new RoamhomeError({
    code,
    message: `what was chosen does not fit: ${why}`,
    remedy: 'No file was changed. Free space there, choose less, or restore to another folder with --to.',
  });
}

/** Of what a program said. Pure. */
export function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
