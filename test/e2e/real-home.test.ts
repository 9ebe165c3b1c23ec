import { beforeAll, expect, test } from 'vitest';
import { installed, reset, run, sh, type LabHost } from './lab.ts';
import { createHome, describeTree, login, logout, snapshots } from './roam.ts';
import { differences, expectSameTree } from './trees.ts';

const home = '/Users/alice';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
});

async function makeHome(mac: LabHost, ...task: readonly [what: string, ...session: string[]]): Promise<void> {
  const [what, ...session] = task;
  await run(mac, 'node', '/opt/roamhome-test/make-home.mjs', what, home, '2001', '2100', ...session);
}

interface Carried {
  readonly bytes: number;
  readonly contentBytes: number;
  readonly estimatedBytes: number;
}

/** zfs expects the content that a stream carries; of tiny files and of few among many it is less than half. */
async function expectForetold(mac: LabHost): Promise<void> {
  const log = await run(mac, 'grep', '"step-done".*estimatedBytes', '/var/log/roamhome/roamhome.log');
  const carried = JSON.parse(log.trimEnd().split('\n').at(-1) ?? '') as Carried;
  const { bytes, contentBytes, estimatedBytes } = carried;
  console.log(`${mac}: ${estimatedBytes} foretold, ${contentBytes} of it came, in ${bytes} bytes of stream`);
  expect(contentBytes).toBeGreaterThan(1 << 20);
  expect(Math.abs(estimatedBytes / contentBytes - 1), JSON.stringify(carried)).toBeLessThan(0.05);
}

/** Ends the session on one Mac and begins one on the other, which must find what was left. */
async function move(from: LabHost, to: LabHost): Promise<void> {
  const left = await describeTree(from);
  const loggedOut = await logout(from);
  expect(loggedOut).toMatchObject({ code: 0, report: { mounted: false, problems: [], warnings: [] } });
  expect(loggedOut.report.sync?.pushedBytes).toBeGreaterThan(0);
  expect(await snapshots('server')).toEqual(await snapshots(from));
  await expectForetold(from);

  const loggedIn = await login(to);
  expect(loggedIn).toMatchObject({ code: 0, report: { mounted: true, problems: [], warnings: [] } });
  expect(loggedIn.report.sync?.pulledBytes).toBeGreaterThan(0);
  expectSameTree(await describeTree(to), left);
  expect(await snapshots(to)).toEqual(await snapshots('server'));
  await expectForetold(to);
}

test('a real home goes from Mac to Mac and back over three sessions, and no byte of it differs', async () => {
  await makeHome('mac-a', 'fill');
  await makeHome('mac-a', 'change', '1');
  await sh(
    'mac-a',
    `test "$(find ${home} -type f | wc -l)" -gt 9900; test "$(du -m ${home}/big.bin --apparent-size | cut -f1)" -eq 300`,
  );
  await move('mac-a', 'mac-b');
  await makeHome('mac-b', 'change', '2');
  await move('mac-b', 'mac-a');
  await makeHome('mac-a', 'change', '3');
  await move('mac-a', 'mac-b');
});

test('what was foretold of files as people have them is within 5 % of what they were', async () => {
  await sh(
    'mac-b',
    `mkdir ${home}/Pictures
     for i in $(seq 200); do head -c 256K /dev/urandom >${home}/Pictures/$i.jpg; done
     chown -R 2001:2100 ${home}/Pictures`,
  );
  await move('mac-b', 'mac-a');
});

test('the comparison sees each kind of difference', async () => {
  // A home of its own kind, small: an ACL, attributes, links, a hole, both Unicode forms.
  await sh(
    'mac-a',
    `zfs create -o mountpoint=/opt/compared data/profiles/compared
     cd /opt/compared
     printf same >file; printf same >other; ln file hard; ln -s file soft; mkdir empty; printf x >"$(printf 'caf\\303\\251')"
     truncate -s 4M hole; setfattr -n user.note -v one file; setfacl -m u:2002:r file`,
  );
  const describe = async (): Promise<string> =>
    (await run('mac-a', 'node', '/opt/roamhome-test/describe-tree.mjs', '/opt/compared'))
      // Every change changes it: it would hide that nothing else was seen.
      .replaceAll(/ ctime=\d+/g, '');
  const keepingTimes = (path: string, change: string): string =>
    `touch -r ${path} /run/times; ${change}; touch -h -r /run/times ${path}`;
  let before = await describe();
  expect(await describe()).toBe(before);
  for (const [what, change, seen] of [
    ['xattr', 'setfattr -n user.note -v two file', /^\+ getfattr: # file: file .*user\.note=0x74776f/],
    ['ACL', 'setfacl -m u:2002:rw file', /^\+ getfacl: # file: .\/file .*user:2002:rw-/],
    ['mtime', "touch -d '2020-01-01T00:00:00.000000001Z' other", /^\+ "other" .*mtime=1577836800000000001 /],
    [
      'content',
      keepingTimes('other', 'printf SAME >other'),
      /^\+ "other" .*mtime=1577836800000000001 .*md5=/,
    ],
    ['hard link', keepingTimes('.', 'rm hard; cp -a file hard'), /^\+ "hard" .*links=1 .*md5=/],
    ['symlink', keepingTimes('soft', 'ln -sfn fILE soft'), /^\+ "soft" .*to="fILE"/],
    ['mode', 'chmod 4755 other', /^\+ "other" mode=104755 /],
    ['owner', 'chown 2001 other', /^\+ "other" .*owner=2001:0 /],
    ['empty directory', keepingTimes('.', 'rmdir empty'), /^- "empty" /],
    ['hole', 'printf x | dd of=hole bs=1 seek=2000000 conv=notrunc status=none', /^\+ "hole" .*md5=/],
    [
      'Unicode form',
      `mv "$(printf 'caf\\303\\251')" "$(printf 'cafe\\314\\201')"`,
      /^\+ "cafe\u00cc\u0081" /,
    ],
  ] as const) {
    await sh('mac-a', `cd /opt/compared; ${change}`);
    const now = await describe();
    expect(differences(before, now), what).toContainEqual(expect.stringMatching(seen));
    before = now;
  }
});
