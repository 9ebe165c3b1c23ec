import { expect, test } from 'vitest';
import { makeChecks } from '../../../src/doctor/finding.ts';
import type { Fact, Facts } from '../../../src/doctor/fact.ts';
import type { ServerKnown } from '../../../src/doctor/known.ts';
import { serverChecks } from '../../../src/doctor/server-checks.ts';
import type { DatasetName } from '../../../src/zfs/names.ts';
import { statusOf, tree } from '../../support/status/statuses.ts';
import { faults, grantsOn, well as mac } from '../../support/doctor/well-mac.ts';

const limits = {
  ...{ snapshot_limit: '1000000', snapshot_count: '300', filesystem_limit: '50000', filesystem_count: '3' },
  ...{ quota: '107374182400', used: '1073741824' },
};
const filesystem = (name: string, canmount: string, mounted: string, setuid = 'off') => ({
  name: name as DatasetName,
  properties: { canmount, mounted, setuid, devices: 'off', ...limits },
});
const place = (path: string, mode: number, uid = 998) => ({ path, uid, mode });
const file = '/var/lib/zfs_mobile_sync/.ssh/authorized_keys';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB mac-a';
const keys = (...lines: readonly string[]) => ({ path: file, lines, places: [place(file, 0o600)] });
const settings = new Map([
  ['passwordauthentication', 'no'],
  ['kbdinteractiveauthentication', 'no'],
  ['permittty', 'no'],
  ['permitemptypasswords', 'no'],
  ['hostbasedauthentication', 'no'],
  ['authorizedkeyscommand', 'none'],
  ['trustedusercakeys', 'none'],
  ['forcecommand', 'none'],
  ['disableforwarding', 'no'],
  ['permittunnel', 'no'],
  ['acceptenv', 'LANG LC_*'],
  ['clientaliveinterval', '5'],
  ['clientalivecountmax', '3'],
]);

const ended = (exitCode: number, stderr = '') => ({ exitCode, stderr, stdout: '', signal: null });

const well: ServerKnown = {
  ...mac,
  install: { ...mac.install, role: { kind: 'linux', server: true, watchConsole: false } },
  filesystems: [
    filesystem('data/profiles', 'off', 'no'),
    filesystem('data/profiles/alice', 'on', 'no'),
    filesystem('data/profiles-conflicts', 'off', 'no'),
  ],
  ...{ grantsBelow: [], lshell: '/usr/bin/lshell', shellTrial: ended(0) },
  account: { uid: 998, home: '/var/lib/zfs_mobile_sync', shell: '/usr/bin/lshell' },
  authorizedKeys: keys(`restrict ${key}`, '# a remark', ''),
  sshd: settings,
  lastRun: mac.now / 1000 - 3600,
  status: { homes: [], macs: [], serverProblem: null },
};
const ago = (hours: number): string => new Date(mac.now - hours * 3_600_000).toISOString();
const plainShell = { account: { uid: 998, home: '/var/lib/zfs_mobile_sync', shell: '/bin/sh' } };
const match = (first = '') =>
  `printf 'Match User zfs_mobile_sync\\n${first}' > /etc/ssh/sshd_config.d/00-roamhome-account.conf; sshd -t && if systemctl -q is-active ssh; then systemctl reload ssh; else systemctl reload sshd; fi`;
const blockLines = [
  ...['AuthorizedKeysCommand none', 'TrustedUserCAKeys none', 'PasswordAuthentication no'],
  ...['KbdInteractiveAuthentication no', 'PermitEmptyPasswords no', 'HostbasedAuthentication no'],
  ...['PermitTTY no', 'PermitTunnel no'],
];
const block = match(blockLines.map((line) => `  ${line}\\n`).join(''));
const plain = { account: { uid: 998, home: '/var/lib/zfs_mobile_sync', shell: '/bin/sh' } };
const gated = {
  ...plain,
  authorizedKeys: keys(`restrict,command="/usr/bin/node gate.js /etc/x.json" ${key}`),
};

function checked(changed: Partial<ServerKnown>) {
  const facts = Object.entries({ ...well, ...changed }).map(([name, value]): [string, Fact<unknown>] => [
    name,
    { known: true, value },
  ]);
  return makeChecks(serverChecks, Object.fromEntries(facts) as unknown as Facts<ServerKnown>);
}

test.each<[string, Partial<ServerKnown>, readonly string[]]>([
  ['all is well', {}, []],
  [
    'no server is named: it is this one',
    {
      config: {
        ...mac.config,
        server: { ...mac.config.server, address: undefined },
      },
    },
    [],
  ],
  [
    'an OpenZFS without receive:append',
    { zfs: { program: [2, 2, 7], kernel: [2, 2, 7] } },
    [
      "warning zfs: OpenZFS 2.2.7 does not know receive:append: only holds keep a Mac's key from rolling homes back",
    ],
  ],
  [
    'a root is not there',
    { filesystems: well.filesystems.slice(0, 2) },
    [
      'critical roots: there is no data/profiles-conflicts → zfs create -o canmount=off -o mountpoint=none -o compression=lz4 -o atime=off -o setuid=off -o devices=off data/profiles-conflicts',
    ],
  ],
  [
    'nothing is bounded',
    {
      filesystems: [
        {
          ...well.filesystems[0]!,
          properties: {
            ...well.filesystems[0]!.properties,
            snapshot_limit: 'none',
            filesystem_limit: 'none',
            quota: '0',
          },
        },
        ...well.filesystems.slice(1),
      ],
    },
    [
      "warning limits: data/profiles has no snapshot_limit, no filesystem_limit, no quota: whoever has a Mac's key can fill the pool → roamhome provision server --pool data",
    ],
  ],
  [
    'a bound is nearly reached, and others are',
    {
      filesystems: [
        {
          ...well.filesystems[0]!,
          properties: {
            ...well.filesystems[0]!.properties,
            snapshot_count: '900000',
            filesystem_count: '50001',
            used: '107374182400',
          },
        },
        ...well.filesystems.slice(1),
      ],
    },
    [
      'warning limits: data/profiles has 900000 of the 1000000 snapshots that its snapshot_limit allows; then no Mac can send → zfs set snapshot_limit=2000000 data/profiles',
      'critical limits: data/profiles has 50001 of the 50000 datasets that its filesystem_limit allows: no Mac can send → zfs set filesystem_limit=100000 data/profiles',
      'critical limits: data/profiles has 100.0 GiB of the 100.0 GiB that its quota allows: no Mac can send → zfs set quota=200G data/profiles',
    ],
  ],
  [
    'what is set aside may have setuid files',
    {
      filesystems: [
        ...well.filesystems.slice(0, 2),
        filesystem('data/profiles-conflicts', 'off', 'no', 'on'),
      ],
    },
    [
      "warning roots: data/profiles-conflicts allows setuid or device files: such a file can give its user root's rights → zfs set setuid=off devices=off data/profiles-conflicts",
    ],
  ],
  [
    'a root may be mounted, a home is',
    {
      filesystems: [
        filesystem('data/profiles', 'on', 'no'),
        filesystem('data/profiles/alice', 'noauto', 'yes'),
        filesystem('data/profiles-conflicts', 'off', 'no'),
      ],
    },
    [
      'warning roots: data/profiles has canmount=on, not off → zfs set canmount=off data/profiles',
      'warning roots: data/profiles/alice is mounted on the server: what is changed there meanwhile keeps Macs from sending → zfs unmount data/profiles/alice',
    ],
  ],
  [
    'more on homes and branches than on their roots, from a set-up of before',
    {
      grantsBelow: [
        {
          root: 'data/profiles' as DatasetName,
          grants: ['a', 'b', 'c', 'd'].flatMap(
            (home) =>
              grantsOn(
                `data/profiles/${home}`,
                `Local+Descendent permissions:\n\tuser zfs_mobile_sync create,destroy,mount,receive${home === 'd' ? ',rollback' : ''},send\n`,
              ).grants,
          ),
        },
        {
          root: 'data/profiles-conflicts' as DatasetName,
          grants: grantsOn(
            'data/profiles-conflicts/x',
            'Create time permissions:\n\tdestroy\nLocal permissions:\n\tgroup zfs_mobile_sync rename\n\tuser bob send,diff\n',
          ).grants,
        },
      ],
    },
    [
      "critical delegation: zfs_mobile_sync may destroy, receive, rollback on data/profiles/a, data/profiles/b, data/profiles/c and 1 more, which Macs do not need: a stolen Mac's key can harm by it → zfs unallow -r -u zfs_mobile_sync destroy,receive,rollback data/profiles",
      "critical delegation: whoever creates a dataset may destroy on data/profiles-conflicts/x, which Macs do not need: a stolen Mac's key can harm by it → zfs unallow -r -c destroy data/profiles-conflicts",
      "critical delegation: zfs_mobile_sync may rename on data/profiles-conflicts/x, which Macs do not need: a stolen Mac's key can harm by it → zfs unallow -r -g zfs_mobile_sync rename data/profiles-conflicts",
      'warning delegation: bob may diff on data/profiles-conflicts/x, besides zfs_mobile_sync → zfs unallow -r -u bob diff data/profiles-conflicts',
    ],
  ],
  [
    'no account',
    { account: null, authorizedKeys: null },
    [
      'critical account: this machine knows no user zfs_mobile_sync: no Mac can log in → roamhome provision server --pool data',
    ],
  ],
  [
    'root as the account',
    { account: { uid: 0, home: '/root', shell: '/bin/sh' } },
    [
      'critical account: zfs_mobile_sync is root',
      'critical authorized-keys: others than zfs_mobile_sync can change /var/lib/zfs_mobile_sync/.ssh/authorized_keys (uid 998, mode 0600): sshd takes no key from there → chown zfs_mobile_sync /var/lib/zfs_mobile_sync/.ssh/authorized_keys; chmod go-w /var/lib/zfs_mobile_sync/.ssh/authorized_keys',
    ],
  ],
  [
    'a plain shell',
    plainShell,
    [
      "critical account: the shell of zfs_mobile_sync is /bin/sh: whoever has a Mac's key can run anything here → usermod --shell /usr/bin/lshell zfs_mobile_sync",
    ],
  ],
  [
    'a plain shell, and no lshell: its shell must not become one that is not there',
    { ...plainShell, lshell: null },
    [
      "critical account: the shell of zfs_mobile_sync is /bin/sh: whoever has a Mac's key can run anything here → roamhome provision server --pool data",
    ],
  ],
  [
    'an lshell that refuses zfs when sshd calls it',
    { shellTrial: ended(1, 'it does not let zfs through: lshell: command not found: "zfs"\n') },
    [
      'critical account: its shell /usr/bin/lshell, called as sshd calls it, is no restriction that works: it does not let zfs through: lshell: command not found: "zfs" → roamhome provision server --pool data',
    ],
  ],
  [
    'a plain shell, and the gate for each key',
    {
      ...plainShell,
      authorizedKeys: keys(`restrict,command="/usr/bin/node gate.js /etc/mac 7.json" ${key}`),
    },
    [],
  ],
  [
    'a plain shell, and the gate for one of two keys; the text of a command is no option',
    { ...plainShell, authorizedKeys: keys(`command="x" ${key}`, `restrict ${key} command="x"`) },
    [
      "critical account: the shell of zfs_mobile_sync is /bin/sh: whoever has a Mac's key can run anything here → usermod --shell /usr/bin/lshell zfs_mobile_sync",
    ],
  ],
  [
    'no key',
    { authorizedKeys: { path: file, lines: null, places: [] } },
    [
      `warning authorized-keys: ${file} has no key: no Mac can log in → roamhome provision key add MAC KEY.pub`,
    ],
  ],
  [
    'keys without restrict',
    { authorizedKeys: keys(key, `from="10.0.0.0/8" ${key}`) },
    [
      `critical authorized-keys: in ${file} 2 keys have no restrict before it: it may forward ports → sed -i -e 's/^[[:space:]]*//' -e '/^$/b' -e '/^#/b' -e '/^[^ ]*command="/b' -e '/^ssh-/s/^/restrict /' -e '/^ecdsa-/s/^/restrict /' -e '/^sk-/s/^/restrict /' -e '/^restrict[ ,]/b' -e 's/^/restrict,/' ${file}`,
    ],
  ],
  [
    'a key with a comma where its blank was: it is no key any more, and no loose one',
    { authorizedKeys: keys(`restrict ${key}`, `restrict,${key}`) },
    [
      `critical authorized-keys: in ${file} line 2 is no key to sshd, for want of a blank after restrict: it lets nobody in by it → sed -i -e 's/^restrict,\\([a-z]*-[^ =]* AAAA\\)/restrict \\1/' ${file}`,
    ],
  ],
  [
    'a line that is no key for another reason; restrict within another option is none',
    { authorizedKeys: keys('restrict ssh-ed25519', `from="a,restrict,b" ${key}`) },
    [
      `warning authorized-keys: in ${file} line 1 is no key to sshd: it lets nobody in by it`,
      `critical authorized-keys: in ${file} the key mac-a has no restrict before it: it may forward ports → sed -i -e 's/^[[:space:]]*//' -e '/^$/b' -e '/^#/b' -e '/^[^ ]*command="/b' -e '/^ssh-/s/^/restrict /' -e '/^ecdsa-/s/^/restrict /' -e '/^sk-/s/^/restrict /' -e '/^restrict[ ,]/b' -e 's/^/restrict,/' ${file}`,
    ],
  ],
  [
    'a directory that others can write in, and a file of somebody',
    {
      authorizedKeys: {
        ...keys(`restrict ${key}`),
        places: [place(file, 0o600, 1000), place('/var/lib/zfs_mobile_sync/.ssh', 0o770)],
      },
    },
    [
      `critical authorized-keys: others than zfs_mobile_sync can change ${file} (uid 1000, mode 0600): sshd takes no key from there → chown zfs_mobile_sync ${file}; chmod go-w ${file}`,
      'critical authorized-keys: others than zfs_mobile_sync can change /var/lib/zfs_mobile_sync/.ssh (uid 998, mode 0770): sshd takes no key from there → chmod go-w /var/lib/zfs_mobile_sync/.ssh',
    ],
  ],
  [
    'passwords',
    { sshd: new Map([...settings, ['passwordauthentication', 'yes']]) },
    [
      `critical sshd: for zfs_mobile_sync sshd has PasswordAuthentication yes, not no: a password can be guessed → ${block}`,
    ],
  ],
  [
    'a terminal',
    { sshd: new Map([...settings, ['permittty', 'yes']]) },
    [
      `critical sshd: for zfs_mobile_sync sshd has PermitTTY yes, not no: a restricted shell gives whoever has a terminal a prompt → ${block}`,
    ],
  ],
  [
    'keys of a directory service, and certificates of the site',
    {
      sshd: new Map([
        ...settings,
        ['authorizedkeyscommand', '/usr/bin/sss_ssh_authorizedkeys'],
        ['trustedusercakeys', '/etc/ssh/ca.pub'],
      ]),
    },
    [
      `critical sshd: for zfs_mobile_sync sshd has AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys, not none: a key that it gives lets somebody in past the restriction → ${block}`,
      `critical sshd: for zfs_mobile_sync sshd has TrustedUserCAKeys /etc/ssh/ca.pub, not none: a certificate of that authority lets somebody in past the restriction → ${block}`,
    ],
  ],
  [
    'a command of the site before lshell, which gets it too',
    { sshd: new Map([...settings, ['forcecommand', '/usr/bin/lshell']]) },
    [],
  ],
  [
    'a command of the site in place of the gate',
    { ...gated, sshd: new Map([...settings, ['forcecommand', '/usr/bin/site']]) },
    [
      expect.stringMatching(
        /^critical sshd: .* ForceCommand \/usr\/bin\/site, not none: it runs in place of the gate, .* ForceCommand none/,
      ) as string,
    ],
  ],
  [
    'variables from clients, in a way that the block closes, and from another block',
    { sshd: new Map([...settings, ['acceptenv', 'LANG NODE_*']]) },
    [
      expect.stringMatching(
        /^critical sshd: .* AcceptEnv NODE_\*, not ROAMHOME_TAKES_NOTHING: .* {2}AcceptEnv ROAMHOME_TAKES_NOTHING\\n/,
      ) as string,
    ],
  ],
  [
    'variables from clients that another Match block adds',
    { sshd: new Map([...settings, ['acceptenv', '* ROAMHOME_TAKES_NOTHING']]) },
    [expect.stringMatching(/^critical sshd: .* AcceptEnv \*, not ROAMHOME_TAKES_NOTHING: /) as string],
  ],
  [
    'a second file of keys, and one that is there by default',
    {
      sshd: new Map([...settings, ['authorizedkeysfile', '.ssh/authorized_keys /etc/ssh/keys/%u']]),
    },
    [
      'critical sshd: for zfs_mobile_sync sshd has AuthorizedKeysFile /etc/ssh/keys/%u, not one file: a key in another file lets somebody in past the restriction → roamhome provision server --pool data',
    ],
  ],
  [
    'files that sshd serves itself, behind the gate',
    { ...gated, sshd: new Map([...settings, ['subsystem', 'sftp internal-sftp']]) },
    [],
  ],
  [
    'files that sshd serves itself, past lshell',
    { sshd: new Map([...settings, ['subsystem', 'sftp internal-sftp']]) },
    [
      'critical sshd: for zfs_mobile_sync sshd has Subsystem sftp internal-sftp, not a program: sshd serves files itself, without asking lshell',
    ],
  ],
  [
    'no signs of life',
    { sshd: new Map([...settings, ['clientaliveinterval', '0']]) },
    [
      `warning sshd: sshd does not notice within a minute that a Mac has lost its power: its receive keeps others from sending → printf 'ClientAliveInterval 5\\nClientAliveCountMax 3\\n' > /etc/ssh/sshd_config.d/00-roamhome-alive.conf; sshd -t && if systemctl -q is-active ssh; then systemctl reload ssh; else systemctl reload sshd; fi`,
    ],
  ],
  [
    'the job has not run for long',
    { lastRun: mac.now / 1000 - 200_000 },
    ['warning tended: the homes here were last thinned 2 days ago → roamhome thin --server --tend'],
  ],
  [
    'the job has never run',
    { lastRun: null },
    ['warning tended: the homes here were never thinned → roamhome thin --server --tend'],
  ],
  [
    'a session of which nothing arrives, a conflict that waits, and a Mac that nobody has seen',
    {
      status: {
        homes: [
          statusOf({
            server: tree('server', '@a:1', { 'roamhome:session': `mac7,${ago(30).slice(0, 19)}Z` }),
            waiting: [{ name: 'alice-mac-b-then', macName: 'mac-b', at: 0, usedBytes: 5 }],
          }),
        ],
        macs: [{ macName: 'mac-b', lastSeen: mac.now - 40 * 86_400_000, user: 'alice' }],
        serverProblem: null,
      },
    },
    [
      expect.stringMatching(
        /^warning sessions: alice: nothing has arrived of the session on mac7 since .* \(30 h ago\): that Mac is off, or cannot send/,
      ) as string,
      "warning conflicts: a conflict of alice's home, made on mac-b, waits as alice-mac-b-then → roamhome conflicts discard alice-mac-b-then --server",
      expect.stringMatching(
        /^warning macs: mac-b has not been seen for 40 days: the last was alice, /,
      ) as string,
    ],
  ],
])('on the server: %s', (_name, changed, want) => {
  expect(faults(checked(changed))).toEqual(want);
});
