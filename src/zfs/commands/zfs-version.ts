import type { ZfsCommand } from '../command.ts';
import { linesOf, outputUnknown } from '../parse.ts';

/** A version of OpenZFS: [2, 3, 2]. */
export type ZfsVersion = readonly [major: number, minor: number, patch: number];

export interface ZfsVersions {
  readonly program: ZfsVersion;
  /** null: it does not say. */
  readonly kernel: ZfsVersion | null;
}

/**
 * `zfs-2.3.2-1~bpo12+2` and `zfs-kmod-2.3.2-…`; OpenZFS on OS X has its own words between. The kernel's part may be
 * named by a date or a commit (TrueNAS, FreeBSD: `zfs-kmod-v2020100200-zfs_091aa0122`), which says no version.
 */
function parseVersions(stdout: string): ZfsVersions {
  const found = linesOf(stdout).map((line) => {
    const isKernel = /^zfs-(?:[A-Za-z]+-)?kmod-/.test(line);
    const [, ...numbers] =
      /^zfs-(?:[A-Za-z]+-)??(?:kmod-)?(?:[A-Za-z]+-)??v?(\d+)\.(\d+)\.(\d+)/.exec(line) ?? [];
    if (numbers.length < 3) {
      if (isKernel) return { isKernel, version: null };
      throw outputUnknown('a version', line);
    }
    const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
    const version: ZfsVersion = [major, minor, patch];
    return { isKernel, version };
  });
  const program = found.find(({ isKernel }) => !isKernel)?.version ?? null;
  if (program === null) throw outputUnknown('a version', stdout);
  return { program, kernel: found.find(({ isKernel }) => isKernel)?.version ?? null };
}

/** Fails where the kernel's part is not loaded. */
export const zfsVersions: ZfsCommand<ZfsVersions> = {
  argv: ['zfs', 'version'],
  mutates: false,
  parse: parseVersions,
};

/** `2.3.2`. */
export function showVersion(version: ZfsVersion): string {
  return version.join('.');
}

/** Pure. */
export function isOlder(version: ZfsVersion, than: ZfsVersion): boolean {
  const at = version.findIndex((number, index) => number !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}

/** The first that knows the right to receive without the right to roll back (`receive:append`). */
export const firstWithAppend: ZfsVersion = [2, 3, 2];

/** Whether `receive:append` can be given, and holds: it is the kernel's part that looks. Pure. */
export function knowsAppend({ program, kernel }: ZfsVersions): boolean {
  return !isOlder(program, firstWithAppend) && !isOlder(kernel ?? program, firstWithAppend);
}
