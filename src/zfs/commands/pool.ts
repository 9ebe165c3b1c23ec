import type { ZfsCommand } from '../command.ts';
import { linesOf, outputUnknown, parseBigInt } from '../parse.ts';

/** A pool in numbers. */
export interface PoolSpace {
  /** ONLINE, DEGRADED, FAULTED, SUSPENDED, … (zpoolconcepts(7)). */
  readonly health: string;
  readonly sizeBytes: bigint;
  readonly freeBytes: bigint;
  /** Of its size, what is allocated: 0 to 100. */
  readonly percentFull: number;
}

/** How a pool is, and how full. */
export function listPool(pool: string): ZfsCommand<PoolSpace> {
  return {
    argv: ['zpool', 'list', '-Hp', '-o', 'health,size,free,capacity', pool],
    mutates: false,
    parse: (stdout) => {
      const [line = '', ...more] = linesOf(stdout);
      const [health = '', size = '', free = '', percent = '', ...rest] = line.split('\t');
      if (!/^[A-Z]+$/.test(health) || more.length + rest.length > 0) throw outputUnknown('a pool', stdout);
      return {
        health,
        sizeBytes: parseBigInt(size, line),
        freeBytes: parseBigInt(free, line),
        percentFull: Number(parseBigInt(percent, line)),
      };
    },
  };
}

/** What is not well with a pool, in zpool's own words. */
export interface PoolTrouble {
  /** The paragraph `status:`, as one line; null: none. */
  readonly status: string | null;
  /** The disks that are not ONLINE. */
  readonly disks: readonly { readonly name: string; readonly state: string }[];
  readonly isResilvering: boolean;
  /** The line `errors:`; null: it knows of no damaged data. */
  readonly errors: string | null;
}

/** What is not well with a pool; null: nothing. */
export function examinePool(pool: string): ZfsCommand<PoolTrouble | null> {
  return {
    argv: ['zpool', 'status', '-xP', pool],
    mutates: false,
    parse: (stdout) => parseStatus(stdout, pool),
  };
}

function parseStatus(stdout: string, pool: string): PoolTrouble | null {
  if (stdout.trim() === `pool '${pool}' is healthy`) return null;
  if (!/^ *pool: /m.test(stdout)) throw outputUnknown('the status of a pool', stdout);
  const errors = /^errors: (.*)$/m.exec(stdout)?.[1] ?? null;
  return {
    status: paragraph(stdout, 'status'),
    // What has a path is a disk; mirror-0 and the pool itself are as they are because of their disks.
    disks: [...stdout.matchAll(/^\t +(\/\S+) +([A-Z]+) +\d/gm)].flatMap(([, name = '', state = '']) =>
      state === 'ONLINE' || state === 'AVAIL' || state === 'INUSE' ? [] : [{ name, state }],
    ),
    isResilvering: /^ *scan: resilver in progress/m.test(stdout),
    errors: errors === 'No known data errors' ? null : errors,
  };
}

/** `status: …`, whose further lines begin with a tab. */
function paragraph(stdout: string, title: string): string | null {
  const found = new RegExp(`^ *${title}: (.*(?:\\n\\t.*)*)`, 'm').exec(stdout)?.[1];
  return found?.replaceAll(/\s+/g, ' ') ?? null;
}

/** The directory that a pool's mountpoints are below, as it was imported with (`zpool import -R`); null: none. */
export function poolAltroot(pool: string): ZfsCommand<string | null> {
  return {
    argv: ['zpool', 'get', '-H', '-o', 'value', 'altroot', pool],
    mutates: false,
    parse: (stdout) => {
      const [value = '-'] = linesOf(stdout);
      return value.startsWith('/') && value !== '/' ? value : null;
    },
  };
}

/** The names of the features that this OpenZFS knows of a pool. Names alone: a user property's text may hold lines. */
export function listFeatureNames(pool: string): ZfsCommand<readonly string[]> {
  return {
    // All: a feature that this version does not know would be an error.
    argv: ['zpool', 'get', '-Hp', '-o', 'property', 'all', pool],
    mutates: false,
    parse: (stdout) => linesOf(stdout).flatMap((line) => /^feature@(\S+)$/.exec(line)?.[1] ?? []),
  };
}

/** Features of a pool by name: disabled, enabled or active. */
export function getFeatures(pool: string, names: readonly string[]): ZfsCommand<ReadonlyMap<string, string>> {
  const asked = names.map((name) => `feature@${name}`).join(',');
  return {
    argv: ['zpool', 'get', '-Hp', '-o', 'property,value', asked, pool],
    mutates: false,
    parse: (stdout) =>
      new Map(
        linesOf(stdout).map((line): [string, string] => {
          const [, feature, value] = /^feature@(\S+)\t(\S+)$/.exec(line) ?? [];
          if (feature === undefined || value === undefined) throw outputUnknown('a feature of a pool', line);
          return [feature, value];
        }),
      ),
  };
}
