import { defaultsFor } from '../../../src/config/defaults.ts';
import type { Config } from '../../../src/config/schema.ts';
import { macChecks } from '../../../src/doctor/mac-checks.ts';
import type { Fact, Facts } from '../../../src/doctor/fact.ts';
import { makeChecks, type Checked } from '../../../src/doctor/finding.ts';
import type { MacKnown } from '../../../src/doctor/known.ts';
import { listGrants } from '../../../src/zfs/commands/permissions.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';
import type { Dataset } from '../../../src/zfs/version.ts';
import { dataset as datasetOf } from '../sync/homes.ts';

/** Milliseconds since the epoch at which the Mac is looked at. */
export const now = Date.parse('2026-11-26T10:00:00Z');
const nowSeconds = now / 1000;

const defaults = defaultsFor('linux', 'mac-a');
const config: Config = {
  ...defaults,
  role: 'mac',
  server: { ...defaults.server, address: 'server.example' },
};

/** A dataset of homes; `words` as in homes.ts, without times: each snapshot was made an hour before now. */
export function dataset(
  name: string,
  words: string,
  properties: Readonly<Record<string, string>> = {},
  more: Partial<Dataset> = {},
): Dataset {
  const made = datasetOf(name as DatasetName, '', words);
  const snapshots = made.snapshots.map((one) => ({ ...one, creation: nowSeconds - 3600 }));
  const own = { canmount: 'noauto', mountpoint: `/home/${name.split('/')[2] ?? ''}`, atime: 'off' };
  const rights = { setuid: 'off', devices: 'off' };
  return {
    ...made,
    snapshots,
    properties: { ...own, ...rights, readonly: 'off', 'roamhome:sync': '-', ...properties },
    ...more,
  };
}

export const parent = dataset('data/profiles', '', { canmount: 'off', mountpoint: 'none' });
export const alice = dataset('data/profiles/alice', '@a:1 @b:2');

const given = 'bookmark,create,hold,mount,receive:append,send,snapshot,userprop';
/** What `zfs allow` prints, read. */
export function grantsOn(
  root: string,
  lines = `Local+Descendent permissions:\n\tuser zfs_mobile_sync ${given}\n`,
) {
  const text = `---- Permissions on ${root} ---------\n${lines}`;
  return { root: root as DatasetName, grants: listGrants(root as DatasetName).parse(text) };
}

const roots = ['data/profiles', 'data/profiles-conflicts'];

/** A Mac with which all is well. */
export const well: MacKnown = {
  config,
  settings: { config, origins: new Map(), mistakes: [], replaced: new Set() },
  now,
  zfs: { program: [2, 3, 2], kernel: [2, 3, 2] },
  pools: [
    {
      ...{
        name: 'data',
        health: 'ONLINE',
        sizeBytes: 100n,
        freeBytes: 60n,
        percentFull: 40,
        trouble: null,
        altroot: null,
      },
      features: new Map(
        [
          'extensible_dataset',
          'bookmarks',
          'bookmark_v2',
          'embedded_data',
          'large_blocks',
          'lz4_compress',
        ].map((name) => [name, 'active']),
      ),
    },
  ],
  volumes: [],
  install: { role: { kind: 'linux', server: false, watchConsole: false }, actions: [], goneNode: null },
  weak: [],
  logTrouble: null,
  directories: [
    { path: '/var/run/roamhome', found: { isDirectory: true, uid: 0, mode: 0o700 }, freeBytes: 1e9 },
    { path: '/var/lib/roamhome/pending', found: null, freeBytes: 1e9 },
  ],
  skippedHooks: [],
  group: true,
  machineId: null,
  homeNames: null,
  homeProperties: { atime: 'off', setuid: 'off', devices: 'off' },
  accountHomes: new Map([['alice', { home: '/home/alice', command: 'usermod' }]]),
  tree: [parent, alice],
  running: new Set([0, 2002]),
  uids: new Map(),
  conflicts: [dataset('data/profiles-conflicts', '')],
  pending: [],
  nativeCrypto: true,
  key: {
    ...{ path: '/etc/roamhome/id_ed25519', type: 'ssh-ed25519', fingerprint: 'SHA256:x' },
    ...{ rsaBits: null, weakPlace: null },
  },
  trust: true,
  connection: { milliseconds: 200 },
  forbidden: {
    ...{ stdout: '', stderr: 'lshell: forbidden char/command over SSH: "true"\n', exitCode: 1, signal: null },
  },
  grants: roots.map((root) => grantsOn(root)),
  onServer: [
    {
      ...{ name: 'data/profiles/alice' as DatasetName, property: '-' },
      ...{ guids: new Set(alice.snapshots.map(({ guid }) => guid)), snapshotsChanged: nowSeconds - 3590 },
    },
  ],
};

export type Changed = { readonly [Name in keyof MacKnown]?: MacKnown[Name] | Error };

/** All checks of the well Mac with these facts in the place of its own; an Error: it is not known. */
export function checked(changed: Changed = {}, kind: 'macos' | 'linux' = 'linux'): readonly Checked[] {
  const facts = Object.entries({ ...well, ...changed }).map(([name, value]): [string, Fact<unknown>] => [
    name,
    value instanceof Error ? { known: false, error: value } : { known: true, value },
  ]);
  return makeChecks(macChecks(kind), Object.fromEntries(facts) as unknown as Facts<MacKnown>);
}

/** `level name: what → remedy` of all that is not ok. */
export function faults(checks: readonly Checked[]): readonly string[] {
  return checks.flatMap(({ name, findings }) =>
    findings
      .filter(({ level }) => level !== 'ok')
      .map(({ level, what, remedy }) => {
        const commands = remedy === null ? [] : [...remedy.commands];
        // Printed as they are, a bar would end the text for Nagios.
        for (const command of commands) if (command.includes('|')) throw new Error(`a bar in ${command}`);
        const where = remedy?.where === 'server' ? ' on the server' : '';
        return `${level} ${name}: ${what}${commands.length > 0 ? ` →${where} ${commands.join('; ')}` : ''}`;
      }),
  );
}
