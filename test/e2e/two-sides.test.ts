import { beforeAll, beforeEach, expect, test } from 'vitest';
import { lab, reset, run, sh, type LabHost } from './lab.ts';
import { bothSides, greeting, loggedIn, saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { login, logout, snapshots } from './roam.ts';
import { settings } from './situations.ts';
import { expectOnlyNewSnapshots, sideOf, withoutRecord, type Side } from './unchanged.ts';

beforeAll(saveLoggedIn);

beforeEach(async () => {
  await reset(loggedIn);
});

/** The side as it would be without a branch. */
function without(side: Side, branch: string): Side {
  const others = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => !line.startsWith(branch));
  return { ...side, versions: others(side.versions), properties: others(side.properties) };
}

/** Where alice's conflicts of mac-a are, on either side. */
async function conflictsOn(host: LabHost): Promise<readonly string[]> {
  const text = await run(host, 'zfs', 'list', '-Hro', 'name', '-t', 'filesystem', 'data/profiles-conflicts');
  return text.split('\n').filter((name) => name.includes('/alice-mac-a-'));
}

test('both went on: the server goes on, and what this Mac has is set aside, here and there', async () => {
  await sh('mac-a', `zfs set quota=5G data/profiles/alice; echo 'from a' >${greeting}`);
  await lab('net', 'mac-a', 'cut');
  expect(await logout('mac-a', 'alice', ...settings('limits.connectSeconds=2'))).toMatchObject({
    code: 69,
  });
  await lab('net', 'mac-a', 'clear');
  expect(await login('mac-b')).toMatchObject({ code: 0 });
  await sh('mac-b', `echo 'from b' >${greeting}`);
  expect(await logout('mac-b')).toMatchObject({ code: 0 });
  const before = await bothSides();
  const lineOfA = await snapshots('mac-a');

  const atLogout = await logout('mac-a');
  expect(atLogout).toMatchObject({ code: 10, report: { snapshot: null, problems: [] } });
  expect(atLogout.report.summary).toMatch(/CONFLICT/);
  const [branch = 'none'] = await conflictsOn('server');
  expect(atLogout.report.warnings).toEqual([
    like(new RegExp(`kept on the server as ${branch}, and set aside`)),
  ]);
  expect((await snapshots('server', branch)).at(-1)).toBe(lineOfA.at(-1));
  const between = await bothSides();
  expect({ ...between, server: without(between.server, branch) }).toEqual(before);

  const atLogin = await login('mac-a');
  expect(atLogin).toMatchObject({ code: 10, report: { mounted: true, problems: [] } });
  expect(await conflictsOn('mac-a')).toEqual([branch]);
  expect(atLogin.report.warnings).toEqual([
    like(new RegExp(`here as ${branch}, and on the server as ${branch}`)),
  ]);
  expect(await run('mac-a', 'cat', greeting)).toBe('from b\n');
  expect(
    await sh(
      'mac-a',
      `zfs mount ${branch} -o mountpoint=/mnt 2>/dev/null || { zfs set mountpoint=/mnt ${branch}; zfs mount ${branch}; }; cat /mnt/greeting; zfs unmount ${branch}`,
    ),
  ).toBe('from a\n');
  expect(await snapshots('mac-a')).toEqual(await snapshots('server'));
  expect(
    await run(
      'mac-a',
      'zfs',
      'get',
      '-Ho',
      'value',
      'quota,origin,canmount,mountpoint',
      'data/profiles/alice',
    ),
  ).toBe('5G\n-\nnoauto\n/Users/alice\n');
  expect(withoutRecord(without((await bothSides()).server, branch))).toEqual(before.server);

  expect(await logout('mac-a')).toMatchObject({
    code: 0,
    report: { snapshot: null, problems: [], warnings: [] },
  });
  expect(await conflictsOn('server')).toEqual([branch]);
});

test("another Mac's interrupted receive is in the way: the home is sent beside it, and itself once that is given up", async () => {
  expect(await login('mac-b')).toMatchObject({ code: 0 });
  await sh(
    'mac-b',
    `head=$(zfs list -Ho name -t snapshot -s createtxg data/profiles/alice | tail -n1)
     head -c 8M /dev/urandom >/Users/alice/bulk
     zfs snapshot data/profiles/alice@cut
     zfs send -i "$head" data/profiles/alice@cut | head -c 3000000 |
       ssh -o BatchMode=yes -o UserKnownHostsFile=/etc/roamhome/known_hosts -i /etc/roamhome/id_ed25519 \
         zfs_mobile_sync@server zfs receive -u -s data/profiles/alice || true`,
  );
  await sh('mac-a', `echo 'from a' >${greeting}`);
  const before = await bothSides();
  expect(before.server.versions.join('\n')).toMatch(/\t1-[0-9a-f]+-/);

  const atLogout = await logout('mac-a');
  expect(atLogout).toMatchObject({ code: 10, report: { mounted: false, problems: [] } });
  expect(atLogout.report.warnings).toEqual([
    like(/the server cannot take the home now .* is kept on the server as/),
    like(/^alice is logged in on mac-b since .*; that record is left on the server$/),
  ]);
  const [branch = 'none'] = await conflictsOn('server');
  expect((await snapshots('server', branch)).at(-1)).toBe((await snapshots('mac-a')).at(-1));
  expect(await login('mac-a')).toMatchObject({ code: 10, report: { mounted: true, problems: [] } });
  const after = await bothSides();
  expect(withoutRecord(without(after.server, branch))).toEqual(withoutRecord(before.server));
  expect(expectOnlyNewSnapshots(before.mac, after.mac)).toEqual([
    `data/profiles/alice@${atLogout.report.snapshot}`,
  ]);

  await sh('server', 'zfs receive -A data/profiles/alice');
  expect(await logout('mac-a')).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
});

test('--dry-run shows words and commands, and changes nothing on either side', async () => {
  await sh('mac-a', `echo more >>${greeting}`);
  const sides = async (): Promise<readonly Side[]> =>
    Promise.all((['mac-a', 'mac-b', 'server'] as const).map((host) => sideOf(host, { written: true })));
  const before = await sides();

  const leaving = await run('mac-a', 'roamhome', 'logout', 'alice', '--dry-run');
  expect(leaving).toMatch(/^unmount \/Users\/alice\n {4}this machine: zfs unmount data\/profiles\/alice$/m);
  expect(leaving).toMatch(
    /^snapshot .*\n {4}this machine: zfs snapshot data\/profiles\/alice@roamhome-\S+-mac-a$/m,
  );
  expect(leaving).toMatch(
    /^push what changed .*\n {4}this machine: zfs send \S.* -i data\/profiles\/alice@\S+ data\/profiles\/alice@\S+\n {4}server: zfs receive -u -s data\/profiles\/alice$/m,
  );
  const coming = await run('mac-b', 'roamhome', 'login', 'alice', '--dry-run');
  expect(coming).toMatch(
    /^pull all of .*\n {4}server: zfs send \S.* data\/profiles\/alice@\S+\n {4}this machine: zfs receive -u -s -o canmount=noauto -o atime=off -o setuid=off -o devices=off -o mountpoint=\/Users\/alice data\/profiles\/alice$/m,
  );
  expect(coming).toMatch(/^mount it at \/Users\/alice\n {4}this machine: zfs mount data\/profiles\/alice$/m);
  const { steps } = JSON.parse(await run('mac-a', 'roamhome', 'login', 'alice', '--dry-run', '--json')) as {
    readonly steps: unknown;
  };
  expect(steps).toContainEqual({
    words: like(/^unmount/),
    commands: [{ place: 'this machine', argv: ['zfs', 'unmount', 'data/profiles/alice'] }],
  });
  expect(await sides()).toEqual(before);
});

test('a home with datasets below it: one snapshot of all but the excluded, which stays where it is', async () => {
  await sh(
    'mac-a',
    `zfs create data/profiles/alice/mail
     zfs create -o roamhome:sync=off data/profiles/alice/caches
     echo letter >/Users/alice/mail/inbox
     echo junk >/Users/alice/caches/junk
     chown -R 2001:2100 /Users/alice/mail /Users/alice/caches`,
  );
  const atLogout = await logout('mac-a', 'alice', ...settings('log.level=debug'));
  expect(atLogout).toMatchObject({ code: 0, report: { mounted: false, problems: [] } });
  const short = atLogout.report.snapshot ?? 'none';
  const logged = await run('mac-a', 'grep', '"command"', '/var/log/roamhome/roamhome.log');
  const taken = logged
    .split('\n')
    .filter((line) => line.includes('"snapshot"'))
    .map((line) => (JSON.parse(line) as { argv: readonly string[] }).argv);
  expect(taken).toEqual([
    ['zfs', 'snapshot', `data/profiles/alice@${short}`, `data/profiles/alice/mail@${short}`],
  ]);
  expect(await run('server', 'zfs', 'list', '-Hro', 'name', 'data/profiles/alice')).toBe(
    'data/profiles/alice\ndata/profiles/alice/mail\n',
  );
  expect((await sideOf('mac-a')).mounts).toEqual([]);

  expect(await login('mac-b')).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
  expect(await sh('mac-b', 'cat /Users/alice/mail/inbox; test ! -e /Users/alice/caches/junk')).toBe(
    'letter\n',
  );
  await sh('mac-b', 'echo answer >>/Users/alice/mail/inbox');
  expect(await logout('mac-b')).toMatchObject({ code: 0, report: { problems: [] } });
  expect(await login('mac-a')).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
  expect(await sh('mac-a', 'cat /Users/alice/mail/inbox /Users/alice/caches/junk')).toBe(
    'letter\nanswer\njunk\n',
  );
  expect((await sideOf('mac-a')).mounts).toHaveLength(3);
});
