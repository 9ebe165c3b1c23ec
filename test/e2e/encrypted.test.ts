import { beforeAll, beforeEach, expect, test } from 'vitest';
import { installed, lab, put, reset, run, sh, type LabHost } from './lab.ts';
import { like } from './matchers.ts';
import { describeTree, login, logout, snapshots, type Outcome } from './roam.ts';
import { settings } from './situations.ts';

const dataset = 'data/profiles/alice';
const keyDirectory = '/etc/roamhome/keys';
const macs: readonly LabHost[] = ['mac-a', 'mac-b'];

beforeAll(async () => {
  await reset(installed);
  const key = Buffer.alloc(32, 'roamhome');
  for (const mac of macs) {
    await run(mac, 'mkdir', '-m', '700', keyDirectory);
    await put(mac, `${keyDirectory}/alice.key`, key, '600');
    await put(mac, `${keyDirectory}/pool.key`, Buffer.alloc(32, mac), '600');
  }
  await lab('save', 'keys');
});

beforeEach(async () => {
  await reset('keys');
});

const encrypted = (key: string): string =>
  `-o encryption=on -o keyformat=raw -o keylocation=file://${keyDirectory}/${key}.key`;

async function makeHome(mac: LabHost, options: string): Promise<void> {
  await sh(
    mac,
    `zfs create ${options} -o canmount=noauto -o mountpoint=/Users/alice -o atime=off ${dataset}
     zfs mount ${dataset}; echo hello >/Users/alice/greeting; setfattr -n user.tag -v red /Users/alice/greeting
     chown -R 2001:2100 /Users/alice`,
  );
}

function allWell({ code, report }: Outcome): Outcome['report'] {
  expect({ code, problems: report.problems, warnings: report.warnings }).toEqual({
    code: 0,
    problems: [],
    warnings: [],
  });
  return report;
}

const last = new Map<LabHost, string>();
const describeLast = (mac: LabHost): string | null => last.get(mac) ?? null;

/** Three times from mac-a to mac-b and back, with a change in each session; equal after each. */
async function goRound(options: readonly string[]): Promise<void> {
  last.clear();
  allWell(await logout('mac-a', 'alice', ...options));
  for (const round of [1, 2, 3]) {
    for (const [mac, other] of [
      ['mac-b', 'mac-a'],
      ['mac-a', 'mac-b'],
    ] as const) {
      const before = describeLast(other);
      const report = allWell(await login(mac, 'alice', ...options));
      expect(report.mounted).toBe(true);
      if (before !== null) expect(await describeTree(mac)).toBe(before);
      await sh(
        mac,
        `cd /Users/alice; echo "round ${round} on ${mac}" >>greeting; head -c 300000 /dev/urandom >${mac}-${round}
         mkdir -p deep/er; ln -f greeting deep/er/${round}; chown -R 2001:2100 .; sync`,
      );
      last.set(mac, await describeTree(mac));
      expect(allWell(await logout(mac, 'alice', ...options)).snapshot).not.toBeNull();
      expect(await snapshots('server')).toEqual(await snapshots(mac));
    }
  }
}

test('a raw encrypted home goes round three times and stays mountable, also after a restart', async () => {
  const options = settings('policies.sendFlags=raw', `local.homeKeyDirectory=${keyDirectory}`);
  await makeHome('mac-a', encrypted('alice'));
  await goRound(options);
  const properties = 'encryption,keyformat,keylocation,roamhome:sendflags';
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', properties, dataset)).toBe(
    'aes-256-gcm\nraw\nprompt\nw\n',
  );
  expect(await run('server', 'zfs', 'get', '-Ho', 'value', 'keystatus', dataset)).toBe('unavailable\n');

  // Without the key at hand: nobody is let into a home that is not there, and nothing is lost.
  await lab('power-cut', 'mac-b');
  await lab('boot', 'mac-b');
  await sh('mac-b', `mv ${keyDirectory}/alice.key ${keyDirectory}/away`);
  const without = await login('mac-b', 'alice', ...options);
  expect(without).toMatchObject({ code: 77, report: { mounted: false } });
  expect(without.report.problems[0]).toMatchObject({ code: 'key-not-loaded', remedy: like(/keylocation/) });
  await sh('mac-b', `mv ${keyDirectory}/away ${keyDirectory}/alice.key`);
  expect(allWell(await login('mac-b', 'alice', ...options)).mounted).toBe(true);
  expect(await describeTree('mac-b')).toBe(describeLast('mac-a'));
});

test('both sides of a raw encrypted home go on: one is set aside, with a key of its own, and mountable', async () => {
  const options = settings('policies.sendFlags=raw', `local.homeKeyDirectory=${keyDirectory}`);
  await makeHome('mac-a', encrypted('alice'));
  allWell(await logout('mac-a', 'alice', ...options));
  allWell(await login('mac-b', 'alice', ...options));
  await sh('mac-b', "echo 'from b' >/Users/alice/greeting");
  allWell(await logout('mac-b', 'alice', ...options));
  await sh(
    'mac-a',
    `zfs mount ${dataset}; echo 'from a' >/Users/alice/greeting; zfs unmount ${dataset}; zfs snapshot ${dataset}@mine`,
  );
  const report = (await login('mac-a', 'alice', ...options)).report;
  expect(report).toMatchObject({ problems: [], mounted: true, warnings: [like(/is kept: here as/)] });
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('from b\n');
  const conflict = (await run('mac-a', 'zfs', 'list', '-Hro', 'name', 'data/profiles-conflicts'))
    .split('\n')
    .find((name) => name.includes('/alice-mac-a-'));
  const name = conflict?.replace(/^.*\//, '') ?? 'none';
  await sh('mac-a', 'zfs unmount data/profiles/alice; zfs unload-key -a');
  expect(await run('mac-a', 'roamhome', 'conflicts', 'diff', name, ...options)).toMatch(/^~ .*greeting/m);
});

test.each([
  ['with the key of the homes alone', 'data/crypt', [1]],
  ['with the key of all above them', 'data/crypt/profiles', [1, 2, 3]],
] as const)(
  'ordinary homes on datasets with another key on each side go round: %s',
  async (_how, root, rounds) => {
    const conflicts = `${root}-conflicts`;
    for (const host of ['server', ...macs] as const) {
      await run(host, 'mkdir', '-p', keyDirectory);
      await put(host, `${keyDirectory}/own.key`, Buffer.alloc(32, `own ${host}`), '600');
      await sh(
        host,
        `zfs create -o canmount=off -o mountpoint=none ${encrypted('own')} data/crypt
       zfs create -p -o canmount=off -o mountpoint=none ${root}`,
      );
    }
    await sh(
      'server',
      `zfs create -o canmount=off -o mountpoint=none ${conflicts}
     for each in ${root} ${conflicts}; do
       zfs allow zfs_mobile_sync receive:append,create,mount,userprop,bookmark,snapshot,send,hold $each
     done`,
    );
    const options = settings(
      `server.root=${root}`,
      `local.root=${root}`,
      `server.conflictsRoot=${conflicts}`,
      `local.conflictsRoot=${conflicts}`,
    );
    const own = `${root}/alice`;
    await sh(
      'mac-a',
      `zfs create -o canmount=noauto -o mountpoint=/Users/alice -o atime=off ${own}
     zfs mount ${own}; echo hello >/Users/alice/greeting; chown -R 2001:2100 /Users/alice`,
    );
    allWell(await logout('mac-a', 'alice', ...options));
    for (const round of rounds) {
      for (const mac of ['mac-b', 'mac-a'] as const) {
        expect(allWell(await login(mac, 'alice', ...options)).mounted).toBe(true);
        await sh(mac, `echo "round ${round} on ${mac}" >>/Users/alice/greeting`);
        allWell(await logout(mac, 'alice', ...options));
        expect(await snapshots('server', own)).toEqual(await snapshots(mac, own));
      }
    }
    expect(await run('mac-b', 'zfs', 'get', '-Ho', 'value', 'encryptionroot', own)).toBe('data/crypt\n');

    // Both go on. With the key above both places the line is set aside; else it stays, is on the server, and that is said.
    allWell(await login('mac-b', 'alice', ...options));
    await sh('mac-b', "echo 'from b' >/Users/alice/greeting");
    allWell(await logout('mac-b', 'alice', ...options));
    await sh(
      'mac-a',
      `zfs mount ${own}; echo 'from a' >/Users/alice/greeting; zfs unmount ${own}; zfs snapshot ${own}@mine`,
    );
    const { report } = await login('mac-a', 'alice', ...options);
    expect(report.mounted).toBe(true);
    const isSetAside = root !== 'data/crypt';
    expect(report.problems.map(({ code }) => code)).toEqual(isSetAside ? [] : ['encryption-root']);
    expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe(isSetAside ? 'from b\n' : 'from a\n');
  },
);
