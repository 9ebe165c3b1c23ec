import { beforeAll, expect, test } from 'vitest';
import { exec, installed, reset, run, sh, type Ran } from './lab.ts';
import { like } from './matchers.ts';
import { createHome, login, logout, markServer, serverSaw, snapshots } from './roam.ts';
import { settings } from './situations.ts';
import { expectSameTree } from './trees.ts';

const home = 'data/profiles/alice';
const views = 'data/profiles-conflicts/restore/alice';
const day = 86_400;
const now = Math.floor(Date.now() / 1000);
/** Blanks, quotes, a newline, and a letter that is decomposed. */
const file = `the "novel's"\n e\u0301te\u0301 $1.txt`;
const folder = `My 'Project'\n"e\u0301"`;
const inHome = (name: string): string => `/Users/alice/${name}`;

const setClock = (seconds: number): Promise<string> => run('mac-a', 'date', '-s', `@${seconds}`);
const roamhome = (...words: readonly string[]): Promise<Ran> => exec('mac-a', ['roamhome', ...words]);

/** A thousand files of all modes and times, with attributes, ACLs, links, a hole, and names that are hard. */
const fillFolder = `
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');
const [folder, hard] = process.argv.slice(2);
fs.mkdirSync(folder);
for (let i = 0; i < 1000; i++) {
  const in_ = folder + '/d' + (i % 10);
  if (i < 10) fs.mkdirSync(in_);
  const path = in_ + '/' + i + ' ' + hard;
  fs.writeFileSync(path, 'file ' + i + '\\n');
  fs.chmodSync(path, [0o644, 0o600, 0o755, 0o444][i % 4]);
  fs.utimesSync(path, 1700000000 + i, 1600000000.123 + i);
}
fs.linkSync(folder + '/d0/0 ' + hard, folder + '/d1/linked');
fs.symlinkSync('/etc/passwd', folder + '/symlink');
fs.writeFileSync(folder + '/sparse', '');
fs.truncateSync(folder + '/sparse', 16 << 20);
fs.chmodSync(folder + '/d9', 0o750);
const some = Array.from({ length: 20 }, (_, i) => folder + '/d' + (i % 10) + '/' + i + ' ' + hard);
execFileSync('setfacl', ['-m', 'u:2002:r', ...some]);
execFileSync('setfattr', ['-n', 'user.colour', '-v', 'red', ...some]);
execFileSync('chown', ['-hR', '2001:2100', folder]);
for (let i = 0; i < 10; i++) fs.utimesSync(folder + '/d' + i, 1700000000, 1650000000 + i);
`;

/** What two trees have equal of which one was copied: every fact but when it was last changed in any way. */
async function treeOf(path: string): Promise<string> {
  const text = await run('mac-a', 'node', '/opt/roamhome-test/describe-tree.mjs', path);
  return text.replaceAll(/ ctime=\d+/g, '');
}

async function session(daysAgo: number, work: () => Promise<unknown>): Promise<string> {
  await setClock(now - daysAgo * day - 600);
  expect(await login('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });
  await work();
  const { code, report } = await logout('mac-a', 'alice');
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  return report.snapshot ?? 'none';
}

let before: string;
let withIt: string;

/** Both were there four days ago, and were removed three sessions ago; this Mac has thinned the snapshot that has them. */
beforeAll(async () => {
  await reset(installed);
  await setClock(now - 10 * day);
  await createHome('mac-a');
  expect(await logout('mac-a', 'alice')).toMatchObject({ code: 0 });
  withIt = await session(4, async () => {
    await exec('mac-a', ['tee', inHome(file)], 'Call me Ishmael.\n');
    await run('mac-a', 'chown', '2001:2100', inHome(file));
    await exec('mac-a', ['node', '-', inHome(folder), file], fillFolder);
    await run(
      'mac-a',
      'sh',
      '-c',
      'head -c 16M /dev/urandom >/Users/alice/big; chown 2001:2100 /Users/alice/big',
    );
    before = await treeOf(inHome(folder));
  });
  await session(3, () => run('mac-a', 'rm', '-r', inHome(file), inHome(folder)));
  await session(2, () => sh('mac-a', 'echo two >/Users/alice/greeting'));
  const newest = await session(1, () =>
    sh('mac-a', 'echo one >/Users/alice/greeting; echo present >/Users/alice/big'),
  );
  // The newest of those that are found always stays.
  const only = settings('thinning.schedule=1h=>5min', `thinning.match=^(${withIt}|${newest})$`);
  await setClock(now);
  const thinned = await roamhome('thin', '--json', ...only);
  expect(thinned.code, thinned.stderr).toBe(0);
  expect((await snapshots('mac-a')).join(' ')).not.toContain(withIt);
  expect((await snapshots('server')).join(' ')).toContain(withIt);
  expect(await login('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });
});

/** That nothing is left of what was made to look at the past. */
async function expectTidy(): Promise<void> {
  expect(await run('mac-a', 'zfs', 'list', '-Hro', 'name', views)).toBe(`${views}\n`);
  expect(await sh('mac-a', 'grep /run/roamhome /proc/mounts || true; find /Users -name ".roamhome-*"')).toBe(
    '',
  );
}

test('a file that was deleted three sessions ago comes back from the server, by words for a time', async () => {
  const mark = await markServer();
  const restored = await roamhome('restore', 'alice', file, '--at', '4 days ago');
  expect(restored).toMatchObject({ code: 0, stderr: like(new RegExp(`${withIt}.*from the server`)) });
  expect(await run('mac-a', 'cat', inHome(file))).toBe('Call me Ishmael.\n');
  expect(await run('mac-a', 'stat', '-c', '%u:%g', inHome(file))).toBe('2001:2100\n');
  const { commands } = await serverSaw(mark);
  expect(commands).toEqual([
    like(/^zfs list /),
    like(new RegExp(`^zfs send .* -i ${home}@\\S+ ${home}@${withIt}$`)),
  ]);
  await expectTidy();

  const listed = await roamhome('snapshots', 'alice', '--json');
  const { snapshots: found } = JSON.parse(listed.stdout) as { readonly snapshots: readonly unknown[] };
  expect(found).toHaveLength(5);
  expect(found).toContainEqual(
    expect.objectContaining({ name: withIt, macName: 'mac-a', here: 'none', onServer: 'all' }),
  );
  const versions = await roamhome('versions', 'alice', 'greeting', '--json');
  expect(JSON.parse(versions.stdout)).toMatchObject({
    versions: [{ bytes: 4 }, { bytes: 4 }, { bytes: 6 }],
    snapshotsOnServerOnly: 1,
  });
  await expectTidy();
});

test('a folder of 1,000 files comes back with all that its files have, and the present one is kept', async () => {
  await run(
    'mac-a',
    'sh',
    '-c',
    'mkdir "$1"; echo new >"$1/new"; chown -R 2001:2100 "$1"',
    'sh',
    inHome(folder),
  );
  const restored = await roamhome('restore', 'alice', folder, '--at', withIt, '--json');
  expect(restored.code, restored.stdout + restored.stderr).toBe(0);
  const { kept } = JSON.parse(restored.stdout) as { kept: readonly { as: string }[] };
  expectSameTree(await treeOf(inHome(folder)), before);
  expect(await run('mac-a', 'cat', `${inHome(kept[0]?.as ?? 'none')}/new`)).toBe('new\n');
  await expectTidy();
});

test('where it does not fit, the present file stays as it is', async () => {
  const used = Number(await run('mac-a', 'zfs', 'get', '-Hpo', 'value', 'used', home));
  await run('mac-a', 'zfs', 'set', `quota=${used + (1 << 20)}`, home);
  const full = await roamhome('restore', 'alice', 'big', '--at', withIt);
  expect(full).toMatchObject({ code: 74, stderr: like(/does not fit/) });
  expect(await run('mac-a', 'cat', '/Users/alice/big')).toBe('present\n');
  await run('mac-a', 'zfs', 'set', 'quota=none', home);

  await sh('mac-a', 'mkdir /small; mount -t tmpfs -o size=1m none /small; echo present >/small/big');
  const small = await roamhome('restore', 'alice', 'big', '--at', withIt, '--to', '/small');
  expect(small).toMatchObject({ code: 74, stderr: like(/does not fit/) });
  expect(await sh('mac-a', 'cat /small/big; ls -A /small')).toBe('present\nbig\n');
  await expectTidy();
  expect(await logout('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });
});
