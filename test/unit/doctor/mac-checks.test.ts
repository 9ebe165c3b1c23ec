import type { Platform } from '../../../src/platform/platform.ts';
import type { SyncZfs } from '../../../src/zfs/sync-zfs.ts';
import { listHomes } from '../../../src/doctor/ask-mac.ts';
import { macNameRules } from '../../../src/platform/name-rules.ts';
import { expect, test } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { readLayer } from '../../../src/config/layer.ts';
import { mergeLayers } from '../../../src/config/merge.ts';
import { ConfigInvalidError } from '../../../src/config/mistakes.ts';
import { refusalOf } from '../../../src/config/works.ts';
import { RoamhomeError, type ErrorCode } from '../../../src/errors/errors.ts';
import type { DatasetName, Guid, SnapshotName } from '../../../src/zfs/names.ts';
import type { Dataset } from '../../../src/zfs/version.ts';
import {
  alice,
  checked,
  dataset,
  faults,
  grantsOn,
  now,
  parent,
  well,
  type Changed,
} from '../../support/doctor/well-mac.ts';

const seconds = now / 1000;
const [pool] = well.pools;
const [onServer] = well.onServer;
if (pool === undefined || onServer === undefined) throw new Error('the well Mac has a pool and a home');
const pools = (change: Partial<typeof pool>) => ({ pools: [{ ...pool, ...change }] });
const home = (properties: Readonly<Record<string, string>>, more: Partial<Dataset> = {}) => ({
  tree: [parent, dataset('data/profiles/alice', '@a:1 @b:2', properties, more)],
});
const error = (code: ErrorCode, message: string, commands: readonly string[] = []) =>
  new RoamhomeError({ code, message, remedy: 'as said', commands });
const snapshotBy = (mac: string, creation: number, guid = '2') => ({
  ...{ kind: 'snapshot' as const, name: `data/profiles/alice@roamhome-x-${mac}` as SnapshotName },
  ...{ guid: guid as Guid, createtxg: 2n, creation, written: 1n },
});
const conflict = (name: string) =>
  dataset(`data/profiles-conflicts/${name}`, '@a:1', { 'roamhome:conflict': 'alice' });
const disk = (state: string) => ({
  status: null,
  disks: [{ name: '/dev/sdb1', state }],
  isResilvering: false,
  errors: null,
});
const write = { path: '/etc/systemd/system/roamhome-thin.timer', text: '', mode: 0o644 };
const hook = { path: '/Library/Application Support/roamhome/hooks/login-hook', text: '', mode: 0o755 };
const mac = { kind: 'macos' as const, server: false, watchConsole: false };

test('a Mac with which all is well', () => {
  const checks = checked();
  expect(faults(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

const settingsOf = (content: unknown) =>
  mergeLayers(defaultsFor('linux', 'mac-a'), [readLayer('/etc/x', content)]);
const wrongPort =
  refusalOf('ask-server', settingsOf({ role: 'mac', server: { port: 'a' } })) ?? new Error('not refused');
const noRoot = settingsOf({ role: 'mac', server: { address: 'server.example' }, local: { root: 7 } });
/** As whoever asks for the homes is told (ask-mac.ts). */
const unlisted = refusalOf('judge-homes', noRoot) ?? new Error('not refused');

test.each<[string, Changed, readonly string[]]>([
  [
    'homes whose names are as on Linux, on a Mac',
    {
      homeNames: macNameRules,
      tree: [
        dataset('data/profiles', '', { canmount: 'off' }),
        ...['alice', 'bob'].map((user) =>
          dataset(`data/profiles/${user}`, '@a:1', {
            ...{
              canmount: 'noauto',
              mountpoint: `/home/${user}`,
              setuid: 'off',
              devices: 'off',
              atime: 'off',
            },
            ...{
              casesensitivity: user === 'bob' ? 'mixed' : 'insensitive',
              normalization: user === 'bob' ? 'none' : 'formD',
            },
          }),
        ),
      ],
    },
    [
      'warning homes: data/profiles/bob has casesensitivity=mixed and normalization=none, as one made on Linux: a Mac may not open files whose names it shows, and programs rely on names in any case → on the server roamhome provision server --for macs',
    ],
  ],
  [
    'an account whose home directory is not where the home is mounted',
    {
      accountHomes: new Map([
        ['alice', { home: '/Users/alice', command: 'usermod --home /home/alice alice' }],
      ]),
    },
    [
      'warning homes: the account alice has /Users/alice as its home directory, but the home is mounted at /home/alice: a session does not find it → usermod --home /home/alice alice',
    ],
  ],
  [
    'a volume among the homes',
    { volumes: ['data/profiles/alice/vm' as DatasetName] },
    ['warning datasets: data/profiles/alice/vm is a volume: it is not synced, and everything beside it is'],
  ],
  [
    'a dataset with a blank in its name',
    { tree: [parent, alice, dataset('data/profiles/alice/my child', '@a:1')] },
    [
      `warning datasets: "data/profiles/alice/my child" is not synced: its name has characters that a restricted shell refuses → zfs rename 'data/profiles/alice/my child' data/profiles/alice/my-child`,
    ],
  ],
  [
    'a server that does not say when it got a snapshot',
    { onServer: [{ ...onServer, snapshotsChanged: null }] },
    [],
  ],
  [
    'a kernel of another version',
    { zfs: { program: [2, 3, 2], kernel: [2, 3, 1] } },
    ['warning zfs: OpenZFS 2.3.2, but the kernel still has 2.3.1 → reboot'],
  ],
  [
    'an old OpenZFS',
    { zfs: { program: [0, 8, 6], kernel: null } },
    ['critical zfs: OpenZFS 0.8.6 is older than 2.0.0'],
  ],
  [
    'a disk taken out of a mirror',
    pools({ health: 'DEGRADED', trouble: disk('OFFLINE') }),
    ['warning pool: the pool data is DEGRADED: /dev/sdb1 is OFFLINE → zpool online data /dev/sdb1'],
  ],
  [
    'a disk that fails',
    pools({ health: 'SUSPENDED', trouble: disk('FAULTED') }),
    ['critical pool: the pool data is SUSPENDED: /dev/sdb1 is FAULTED → zpool replace data /dev/sdb1 DISK'],
  ],
  [
    'damaged data',
    pools({
      trouble: { status: null, disks: [], isResilvering: false, errors: '2 data errors, use -v for a list' },
    }),
    [
      'critical pool: the pool data has damaged data: 2 data errors, use -v for a list → zpool status -v data',
    ],
  ],
  [
    'a disk that catches up',
    pools({ trouble: { status: 'catching up', disks: [], isResilvering: true, errors: null } }),
    ['warning pool: the pool data is being resilvered → zpool wait -t resilver data'],
  ],
  [
    'a pool that is not imported',
    { pools: error('pool-not-imported', 'no pool', ['zpool import data']) },
    [
      'critical pool: no pool → zpool import data',
      'unknown features: not looked at, because of pool',
      'unknown space: not looked at, because of pool',
    ],
  ],
  [
    'a pool that fills',
    pools({ percentFull: 80 }),
    ['warning space: the pool data is 80 % full → zpool add data DISK'],
  ],
  [
    'a pool that is full',
    pools({ percentFull: 95 }),
    ['critical space: the pool data is 95 % full → zpool add data DISK'],
  ],
  [
    'a pool that was imported with another root',
    pools({ altroot: '/mnt' }),
    [
      'warning pool: the pool data is imported with altroot=/mnt: all is mounted below it → zpool export data; zpool import data',
    ],
  ],
  [
    'a feature that is switched off',
    pools({ features: new Map([...pool.features, ['bookmark_v2', 'disabled']]) }),
    [
      'warning features: the pool data has not the feature bookmark_v2, for bookmarks of encrypted homes → zpool set feature@bookmark_v2=enabled data',
    ],
  ],
  [
    'a home that is mounted at a start',
    home({ canmount: 'on' }),
    [
      'warning homes: data/profiles/alice has canmount=on, not noauto: it is mounted at a start, before a login has brought what is new → zfs set canmount=noauto data/profiles/alice',
    ],
  ],
  [
    'a home at another place',
    home({ mountpoint: '/srv/alice' }),
    [
      'warning homes: data/profiles/alice has mountpoint=/srv/alice, not /home/alice → zfs set mountpoint=/home/alice data/profiles/alice',
    ],
  ],
  [
    'a home that no login has looked after since an update: a setuid file in it gives rights',
    home({ setuid: 'on', devices: 'on' }),
    [
      "warning homes: data/profiles/alice allows setuid or device files: such a file can give its user root's rights → zfs set setuid=off devices=off data/profiles/alice",
    ],
  ],
  [
    'a home that is mounted so, and what is above it',
    {
      tree: [
        dataset('data/profiles', '', { canmount: 'off', mountpoint: 'none', devices: 'on' }),
        dataset('data/profiles/alice', '@a:1 @b:2', { setuid: 'on' }, { mounted: true }),
      ],
      uids: new Map([['alice', 2002]]),
    },
    [
      "critical homes: 2 datasets, data/profiles the first, allow setuid or device files: such a file can give its user root's rights → zfs set setuid=off devices=off data/profiles data/profiles/alice",
    ],
  ],
  [
    'a home that does not take part',
    home({ 'roamhome:sync': 'off' }),
    [
      "critical homes: data/profiles/alice has roamhome:sync=off: nothing of alice's home is snapshotted or sent → zfs inherit roamhome:sync data/profiles/alice",
    ],
  ],
  [
    'a home that is left mounted',
    { ...home({}, { mounted: true }), uids: new Map([['alice', 2001]]) },
    [
      'warning mounts: data/profiles/alice is mounted, but no program of alice runs, as after a login by hand: it is pulled into by no login meanwhile → roamhome logout alice',
    ],
  ],
  [
    'a dataset made below a home while nobody was logged in, and mounted where the home is to be',
    {
      tree: [
        parent,
        alice,
        dataset('data/profiles/alice/zz', '', { mountpoint: '/home/alice/zz' }, { mounted: true }),
      ],
    },
    [
      'warning mounts: data/profiles/alice/zz is mounted at /home/alice/zz, but the home above it is not → zfs unmount data/profiles/alice/zz; zfs set canmount=noauto data/profiles/alice/zz',
    ],
  ],
  ['a home in use', { ...home({}, { mounted: true }), uids: new Map([['alice', 2002]]) }, []],
  [
    'a directory of the key that others can change',
    { key: { ...well.key, weakPlace: '/etc/roamhome' } },
    [
      'critical key: others than root can change /etc/roamhome, and so put another key in the place of /etc/roamhome/id_ed25519 → chown root /etc/roamhome; chmod go-w /etc/roamhome',
    ],
  ],
  [
    'a short RSA key',
    { key: { ...well.key, rsaBits: 2048 } },
    ['warning key: /etc/roamhome/id_ed25519 is an RSA key of 2048 bits'],
  ],
  [
    'a shell on the server',
    { forbidden: { ...well.forbidden, stderr: '', exitCode: 0 } },
    [
      'critical restriction: asked for `true`, the server runs it: whoever has this Mac\'s key has a shell there → on the server command -v lshell && usermod --shell "$(command -v lshell)" zfs_mobile_sync',
    ],
  ],
  [
    'a shell on the server that has no `true`',
    { forbidden: { ...well.forbidden, stderr: 'sh: true: not found\n', exitCode: 127 } },
    [
      'critical restriction: asked for `true`, the server looks for it: whoever has this Mac\'s key has a shell there → on the server command -v lshell && usermod --shell "$(command -v lshell)" zfs_mobile_sync',
    ],
  ],
  [
    'a restriction on the server that does not start',
    { forbidden: { ...well.forbidden, stderr: '/opt/x: bad interpreter\n', exitCode: 126 } },
    [
      'warning restriction: asked for `true`, the server neither runs nor refuses it: exit 126, /opt/x: bad interpreter → on the server roamhome doctor --server',
    ],
  ],
  ['a server whose sshd refuses it', { forbidden: error('command-refused', 'no') }, []],
  ['a slow server', { connection: { milliseconds: 5000 } }, ['warning connection: logged in within 5.0 s']],
  [
    'no native part of ssh2',
    { nativeCrypto: false },
    ["warning encryption: ssh2's native part does not load: transfers take about eight times as long"],
  ],
  [
    'a home that waits',
    { pending: [{ user: 'alice', since: '2026-11-26T07:00:00Z', lacks: null }] },
    ["warning pending: alice's home waits to be sent for 3 h → roamhome push --pending"],
  ],
  [
    'homes of which a logout made no snapshot, or was killed before, and one that it could not unmount',
    {
      pending: [
        { user: 'alice', since: '2026-11-26T09:59:00Z', lacks: 'snapshot' },
        { user: 'bob', since: '2026-11-26T07:00:00Z', lacks: 'logout' },
        { user: 'carol', since: '2026-11-26T07:00:00Z', lacks: 'unmount' },
      ],
    },
    [
      "critical pending: NO snapshot holds all that was in alice's home at logout, for 1 min → roamhome push --pending",
      "critical pending: NO snapshot holds all that was in bob's home at logout, for 3 h → roamhome push --pending",
      "warning pending: carol's home waits to be sent for 3 h, and is still mounted → roamhome push --pending",
    ],
  ],
  [
    'a home that has waited for long, and one of which it is not known',
    {
      pending: [
        { user: 'alice', since: '2026-11-19T07:00:00Z', lacks: null },
        { user: 'bob', since: null, lacks: null },
      ],
    },
    [
      "critical pending: alice's home waits to be sent for 7 days → roamhome push --pending",
      "critical pending: bob's home waits to be sent for an unknown time → roamhome push --pending",
    ],
  ],
  [
    'a conflict',
    { conflicts: [...well.conflicts, conflict('alice-mac-a-x')] },
    [
      "warning conflicts: a line of alice's home is set aside as alice-mac-a-x, last changed 1 h ago → roamhome conflicts discard alice-mac-a-x",
    ],
  ],
  [
    'changes that are old and not sent',
    {
      tree: [
        parent,
        { ...alice, snapshots: alice.snapshots.map((one) => ({ ...one, creation: seconds - 90_000 })) },
      ],
      onServer: [{ ...onServer, guids: new Set(['1' as Guid]), snapshotsChanged: seconds - 90_000 }],
    },
    ["warning sent: alice's home has changes and was last sent whole 25 h ago → roamhome logout alice"],
  ],
  [
    'a home that the server never got',
    {
      tree: [
        parent,
        { ...alice, snapshots: alice.snapshots.map((one) => ({ ...one, creation: seconds - 90_000 })) },
      ],
      onServer: [],
    },
    ["warning sent: alice's home has changes and has never been sent, for 25 h → roamhome logout alice"],
  ],
  ['a home that was just changed', { onServer: [{ ...onServer, guids: new Set(['1' as Guid]) }] }, []],
  [
    'a record of a session that is over',
    { onServer: [{ ...onServer, property: 'mac-a,2026-11-26T08:00:00Z' }] },
    [
      'warning sessions: the server notes alice as logged in here, but the home is not mounted: other Macs warn of it → roamhome logout alice',
    ],
  ],
  ['a session on another Mac', { onServer: [{ ...onServer, property: 'mac-b,2026-11-26T08:00:00Z' }] }, []],
  [
    'a clock that is behind',
    { onServer: [{ ...onServer, snapshotsChanged: seconds + 7200 }] },
    ["critical clock: this Mac's clock is at least 2 h behind the server's → date -u MMDDhhmmCCYY"],
  ],
  [
    'a clock that is ahead',
    {
      tree: [parent, { ...alice, snapshots: [snapshotBy('mac-a', seconds - 60)] }],
      onServer: [{ ...onServer, snapshotsChanged: seconds - 7260 }],
    },
    ["critical clock: this Mac's clock is at least 2 h ahead of the server's → date -u MMDDhhmmCCYY"],
  ],
  [
    'a clock that was ahead, and is right now',
    {
      tree: [parent, { ...alice, snapshots: [snapshotBy('mac-a', seconds + 7200)] }],
      onServer: [{ ...onServer, snapshotsChanged: seconds - 60 }],
    },
    [],
  ],
  [
    "another Mac's clock that is ahead",
    {
      tree: [parent, { ...alice, snapshots: [snapshotBy('mac-b', seconds - 60)] }],
      onServer: [{ ...onServer, snapshotsChanged: seconds - 7260 }],
    },
    [],
  ],
  [
    'a group that is not there',
    { group: false },
    [
      "critical group: this machine knows no group zfs_mobile_sync: nobody's home is synced → groupadd zfs_mobile_sync",
    ],
  ],
  [
    'a log that cannot be written',
    { logTrouble: 'EROFS' },
    ['critical log: /var/log/roamhome/roamhome.log cannot be written: EROFS'],
  ],
  [
    'notes that others can write',
    {
      directories: [
        {
          path: '/var/lib/roamhome/pending',
          found: { isDirectory: true, uid: 0, mode: 0o777 },
          freeBytes: 1e9,
        },
      ],
    },
    [
      'critical state: others than root can write in /var/lib/roamhome/pending, and have root act on it → chown root /var/lib/roamhome/pending; chmod go-w /var/lib/roamhome/pending',
    ],
  ],
  [
    'a full disk',
    { directories: [{ path: '/var/run/roamhome', found: null, freeBytes: 1024 }] },
    ['critical state: /var/run/roamhome has 1.0 KiB free → find / -xdev -type f -size +100M -ls'],
  ],
  [
    'a job that is not as this version makes it',
    {
      install: {
        ...well.install,
        actions: [
          { kind: 'pause', job: 'thin' },
          { kind: 'write-file', file: write, isNew: false },
        ],
      },
    },
    [
      'critical jobs: roamhome install would take the job thin out while it is changed, and 1 more → roamhome install',
    ],
  ],
  [
    'jobs of a Node that is gone',
    {
      install: {
        ...well.install,
        goneNode: '/opt/node',
        actions: [{ kind: 'write-file', file: write, isNew: false }],
      },
    },
    [
      'critical jobs: they run /opt/node, which is not there any more; roamhome install would replace /etc/systemd/system/roamhome-thin.timer (644) → roamhome install',
    ],
  ],
  [
    'a Node that others can change',
    { weak: [{ path: '/usr/local/bin/node', place: '/usr/local/bin' }] },
    [
      'warning program: root runs /usr/local/bin/node, and others than root can change /usr/local/bin → chown root /usr/local/bin; chmod go-w /usr/local/bin',
    ],
  ],
  [
    'a setting that this version does not know',
    { settings: settingsOf({ role: 'mac', server: { address: 'server.example', compression: 'zstd' } }) },
    ['warning settings: /etc/x: this version knows no setting server.compression. It is ignored.'],
  ],
  [
    'no role',
    { settings: settingsOf({ server: { address: 'server.example' } }) },
    [
      'warning settings: the role of this machine is not written in its settings → roamhome provision role mac',
    ],
  ],
  [
    'a place of the homes that cannot be believed: nothing is said of homes, nor a command for them',
    {
      settings: noRoot,
      ...{ tree: unlisted, accountHomes: unlisted, uids: unlisted, onServer: unlisted },
    },
    [
      'warning settings: /etc/x: local.root: found 7, expected a dataset name such as data/profiles, of letters, digits and _ . : - /. "data/profiles" stands in for it.',
      ...['homes', 'datasets', 'mounts', 'sent', 'sessions', 'clock'].map(
        (name) => `unknown ${name}: not looked at, because of settings`,
      ),
    ],
  ],
  [
    'a wrong value of the server’s: what needs the server is not looked at, all else is',
    {
      settings: settingsOf({ role: 'mac', server: { address: 'server.example', port: 'a' } }),
      connection: wrongPort,
      forbidden: wrongPort,
      grants: wrongPort,
      onServer: wrongPort,
    },
    [
      'warning settings: /etc/x: server.port: found "a", expected a TCP port, 1 to 65535. 22 stands in for it.',
      ...['host-key', 'connection', 'restriction', 'delegation', 'sent', 'sessions', 'clock'].map(
        (name) => `unknown ${name}: not looked at, because of settings`,
      ),
    ],
  ],
])('%s', (_name, changed, want) => {
  expect(faults(checked(changed))).toEqual(want);
});

const both = 'Local+Descendent permissions:\n';
const needed = 'bookmark,create,hold,mount,receive:append,send,snapshot,userprop';
test.each<[string, string, readonly string[]]>([
  [
    'nothing is given',
    '',
    [
      'critical delegation: zfs_mobile_sync may not receive:append, create, mount, userprop, bookmark, snapshot, send, hold on data/profiles: homes are not sent → on the server zfs allow -u zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send,hold data/profiles',
    ],
  ],
  [
    'one is missing',
    `${both}\tuser zfs_mobile_sync ${needed.replace('userprop', 'send')}\n`,
    [
      'critical delegation: zfs_mobile_sync may not userprop on data/profiles: homes are not sent → on the server zfs allow -u zfs_mobile_sync userprop data/profiles',
    ],
  ],
  [
    'they hold on the root alone',
    `Local permissions:\n\tuser zfs_mobile_sync snapshot\n${both}\tuser zfs_mobile_sync ${needed.replace('snapshot,', '')}\n`,
    [
      'critical delegation: zfs_mobile_sync may not snapshot on data/profiles: homes are not sent → on the server zfs allow -u zfs_mobile_sync snapshot data/profiles',
    ],
  ],
  [
    'more is given, to the account and to everyone',
    `${both}\teveryone rollback\n\tuser zfs_mobile_sync ${needed},destroy,receive\n`,
    [
      "critical delegation: everyone may rollback on data/profiles, which Macs do not need: a stolen Mac's key can harm by it → on the server zfs unallow -e rollback data/profiles",
      "critical delegation: zfs_mobile_sync may destroy, receive on data/profiles, which Macs do not need: a stolen Mac's key can harm by it → on the server zfs unallow -u zfs_mobile_sync destroy,receive data/profiles",
    ],
  ],
  [
    'a server without receive:append',
    `${both}\tuser zfs_mobile_sync ${needed.replace(':append', '')}\n`,
    [
      "warning delegation: zfs_mobile_sync may receive on data/profiles, not only receive:append: a Mac's key can roll back what is not held → on the server zfs allow -u zfs_mobile_sync receive:append data/profiles; zfs unallow -u zfs_mobile_sync receive data/profiles",
    ],
  ],
  [
    'others, here and above, by a set and at creation',
    `Permission sets:\n\t@all destroy,send\nCreate time permissions:\n\tdestroy\n${both}\tgroup it staff @all\n\tuser zfs_mobile_sync ${needed}\n---- Permissions on data ---\nDescendent permissions:\n\tuser backup send\n`,
    [
      "critical delegation: whoever creates a dataset may destroy on data/profiles, which Macs do not need: a stolen Mac's key can harm by it → on the server zfs unallow -c destroy data/profiles",
      "warning delegation: it staff may @all on data/profiles, besides zfs_mobile_sync → on the server zfs unallow -g 'it staff' @all data/profiles",
      'warning delegation: backup may send on data, besides zfs_mobile_sync → on the server zfs unallow -u backup send data',
    ],
  ],
  [
    'what the account needs, by a set',
    `Permission sets:\n\t@mac ${needed}\n${both}\tuser zfs_mobile_sync @mac\n`,
    [],
  ],
])('delegation: %s', (_name, lines, want) => {
  const conflictsRoot = grantsOn('data/profiles-conflicts');
  expect(faults(checked({ grants: [grantsOn('data/profiles', lines), conflictsRoot] }))).toEqual(want);
});

test.each<[string, Changed, readonly string[]]>([
  ['nothing to do', { install: { ...well.install, role: mac } }, []],
  [
    'no hook is set',
    {
      install: {
        ...well.install,
        role: mac,
        actions: [{ kind: 'set-hook', hook: 'LoginHook', to: hook.path }],
      },
    },
    [
      'critical hooks: roamhome install would let loginwindow call /Library/Application Support/roamhome/hooks/login-hook as its LoginHook → roamhome install',
    ],
  ],
  [
    'the console is watched, and a hook is an old one',
    {
      install: {
        ...well.install,
        role: { ...mac, watchConsole: true },
        actions: [{ kind: 'write-file', file: hook, isNew: false }],
      },
      skippedHooks: ['LoginHook'],
    },
    [
      'critical hooks: roamhome install would replace /Library/Application Support/roamhome/hooks/login-hook (755) → roamhome install --watch-console',
    ],
  ],
  [
    'a profile switches the hooks off',
    { install: { ...well.install, role: mac }, skippedHooks: ['LoginHook', 'LogoutHook'] },
    [
      'critical hooks: a profile sets skipLoginHook and skipLogoutHook in com.apple.mcxloginscripts: macOS does not call the hooks → roamhome install --watch-console',
    ],
  ],
])('hooks: %s', (_name, changed, want) => {
  expect(faults(checked(changed, 'macos'))).toEqual(want);
});

test('homes are not listed by a place that only stands in for a wrong one', async () => {
  const zfs = { listTree: () => Promise.reject(new Error('listed')) } as unknown as SyncZfs;
  const platform = { homeProperties: {} } as Platform;
  const { signal } = new AbortController();
  await expect(listHomes({ loaded: noRoot, zfs, platform, signal })).rejects.toBeInstanceOf(
    ConfigInvalidError,
  );
});
