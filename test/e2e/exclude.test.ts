import { beforeAll, expect, test } from 'vitest';
import { exec, fileOf, installed, put, reset, run, sh, type LabHost } from './lab.ts';
import { createHome, login, logout, markServer, serverSaw, snapshots } from './roam.ts';
import { expectSameTree } from './trees.ts';
import { killable } from './killable.ts';

const home = 'data/profiles/alice';
/** Blanks, quotes, a newline, and a letter that is decomposed. */
const hard = `it's\n"e\u0301"`;
const folder = `Library/${hard}`;
const place = `/Users/alice/${folder}`;
const files = 5000;

/** Files of all modes and times, with attributes, ACLs and links, and names that are hard. */
const fill = `
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');
const [folder, hard, owner, count] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
for (let i = 0; i < Number(count); i++) {
  const in_ = folder + '/d' + (i % 20);
  if (i < 20) fs.mkdirSync(in_);
  const path = in_ + '/' + i + ' ' + hard;
  fs.writeFileSync(path, 'file ' + i + '\\n');
  fs.chmodSync(path, [0o644, 0o600, 0o755, 0o444][i % 4]);
  fs.utimesSync(path, 1700000000 + i, 1600000000.123 + i);
}
fs.linkSync(folder + '/d0/0 ' + hard, folder + '/linked');
fs.symlinkSync('/etc/passwd', folder + '/symlink');
const some = Array.from({ length: 20 }, (_, i) => folder + '/d' + i + '/' + i + ' ' + hard);
execFileSync('setfacl', ['-m', 'u:2003:r', ...some, folder]);
execFileSync('setfattr', ['-n', 'user.colour', '-v', 'red', ...some, folder]);
execFileSync('chown', ['-hR', owner, folder]);
fs.chmodSync(folder, 0o711);
for (let i = 0; i < 20; i++) fs.utimesSync(folder + '/d' + i, 1700000000, 1650000000 + i);
`;

/** What two trees have equal of which one was copied: all but when it was last changed in any way, and the top's own time. */
async function treeOf(mac: LabHost, path: string): Promise<string> {
  const text = await run(mac, 'node', '/opt/roamhome-test/describe-tree.mjs', path);
  return text.replaceAll(/ ctime=\d+/g, '').replace(/^("" .*) mtime=\d+/, '$1');
}

const inFolder = async (mac: LabHost): Promise<number> =>
  Number(await run(mac, 'sh', '-c', 'find "$1" -type f -printf . | wc -c', 'sh', place));

const usedOnServer = async (): Promise<readonly string[]> => {
  const words = ['get', '-rHpo', 'name,property,value', 'used,referenced,logicalreferenced', home];
  return (await run('server', 'zfs', ...words)).split('\n');
};

/**
 * Ends the command, and the program itself, as `kill -9` does, once it runs that program; with `at`, a shell's word, on a path that ends so: several of
 * its steps empty directories. perl: one process that sleeps; a sleep each
 * would cost the emulated processor as much as the work itself.
 */
const killedWhile = (program: string, command: string, at = '""'): string => `
  ${command} >/run/killed 2>&1 & pid=$!
  perl -e '
    use strict; use warnings;
    my ($pid, $program, $at) = @ARGV;
    sub content { open my $file, "<", $_[0] or return ""; local $/; return <$file> // "" }
    sub isThere { my (undef, $path) = split /\\0/, content("/proc/$_[0]/cmdline"); return $at eq "" || ($path // "") =~ /\\Q$at\\E$/ }
    for (;;) {
      kill 0, $pid or die "it has ended\\n";
      for my $child (split " ", content("/proc/$pid/task/$pid/children")) {
        exit !kill "KILL", $pid, $child if content("/proc/$child/comm") eq "$program\\n" && isThere($child);
      }
      select undef, undef, undef, 0.05;
    }' $pid ${program} ${at} || { cat /run/killed >&2; exit 1; }
  wait $pid || true`;

/** What the dataset of the folder has of it: `/filling`: it is not whole. */
const stateOf = async (): Promise<string> =>
  (await sh('mac-a', `zfs get -rHo value -s local roamhome:folder ${home}`)).trim();

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  await exec('mac-a', ['node', '-', place, hard, '2001:2100', String(files)], fill);
  await run('mac-a', 'chown', '2001:2100', '/Users/alice/Library');
  expect(await logout('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });
  await createHome('mac-b', 'bob', 2002);
  await put('mac-b', '/opt/roamhome-test/kill-at.cjs', await fileOf('test/e2e/guest/kill-at.cjs'));
  await run('mac-a', 'zfs', 'mount', home);
  before = await treeOf('mac-a', place);
  await run('mac-a', 'zfs', 'unmount', home);
});

let before: string;

async function mountedOn(mac: LabHost): Promise<void> {
  const { code, report } = await login(mac, 'alice');
  // How busy the machine is must not decide: the server is told in the background, within a limit of its own.
  const warnings = report.warnings.filter((warning) => !warning.includes('has not answered within'));
  expect({ code, problems: report.problems, warnings }).toEqual({
    ...{ code: 0, problems: [], warnings: [] },
  });
}

test('a folder of 5,000 files, killed while it is copied and while it is emptied, is the same tree', async () => {
  const add = `roamhome exclude add alice "$1"`;
  await run('mac-a', 'sh', '-c', `set -eu${killedWhile('tar', add)}`, 'sh', folder);
  expect(await stateOf()).toBe('/filling');
  await run('mac-a', 'sh', '-c', `set -eu${killedWhile('find', add, '"/$1"')}`, 'sh', folder);
  expect(await stateOf()).toBe('Library/it%27s%0A%22e%CC%81%22');
  // In between the user is here: what is left of it in the home is below it.
  await mountedOn('mac-a');
  expectSameTree(await treeOf('mac-a', place), before);
  expect(await logout('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });
  const done = await exec('mac-a', ['roamhome', 'exclude', 'add', 'alice', folder]);
  expect(done.code, done.stderr).toBe(0);
  await run('mac-a', 'zfs', 'mount', home);
  expect(await inFolder('mac-a')).toBe(0);
  await run('mac-a', 'zfs', 'unmount', home);
});

test('100 MiB written in it move no byte, and on the other Mac it is there, empty', async () => {
  await mountedOn('mac-a');
  expect(await inFolder('mac-a')).toBe(files + 1);
  const used = await usedOnServer();
  const versions = await snapshots('server');
  const mark = await markServer();
  await run('mac-a', 'sh', '-c', 'head -c 100M /dev/urandom >"$1/big"; sync', 'sh', place);
  const { code, report } = await logout('mac-a', 'alice');
  expect({ code, problems: report.problems, moved: report.sync?.pushedBytes }).toEqual({
    ...{ code: 0, problems: [], moved: 0 },
  });
  const { commands } = await serverSaw(mark);
  expect(commands.filter((line) => line.includes('zfs receive'))).toEqual([]);
  expect(await usedOnServer()).toEqual(used);
  expect(await snapshots('server')).toEqual(versions);

  await mountedOn('mac-b');
  expect(await run('mac-b', 'ls', '-A', place)).toBe('');
  expect(await run('mac-b', 'stat', '-c', '%a %u:%g', place)).toBe('711 2001:2100\n');
  const colour = ['getfattr', '-n', 'user.colour', '--only-values', '--absolute-names', place];
  expect(await run('mac-b', ...colour)).toBe('red');
  const { stdout } = await exec('mac-b', ['roamhome', 'exclude', 'list', 'alice', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    folders: [{ path: folder, here: 'whole', onList: true, mounted: true }],
  });
});

test('off the list it is in the home again with all that this Mac has, and goes to the other Mac', async () => {
  await run('mac-b', 'roamhome', 'logout', 'alice');
  await mountedOn('mac-a');
  await run('mac-a', 'rm', `${place}/big`);
  await run('mac-a', 'roamhome', 'logout', 'alice');
  const removed = await exec('mac-a', ['roamhome', 'exclude', 'remove', 'alice', folder, '--json']);
  expect(removed.code, removed.stdout + removed.stderr).toBe(0);
  expect(JSON.parse(removed.stdout)).toMatchObject({ folders: [{ path: folder, as: folder }] });
  expect(await stateOf()).toBe('');
  await mountedOn('mac-a');
  expectSameTree(await treeOf('mac-a', place), before);
  expect(await logout('mac-a', 'alice')).toMatchObject({ code: 0, report: { problems: [] } });

  // That Mac had nothing in its own.
  const { code, report } = await login('mac-b', 'alice');
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expectSameTree(await treeOf('mac-b', place), before);
  await run('mac-b', 'roamhome', 'logout', 'alice');
});

/** On the simulator it is killed before every command: test/contract/homes/excluded/exclude.test.ts. */
test('killed before some of its commands, it goes on', async () => {
  const script = `set -eu
    mkdir /Users/bob/x; echo content >/Users/bob/x/file; chown -R 2002:2100 /Users/bob
    roamhome logout bob >/run/report
    for at in 7 13; do
      code=0
      KILL_AT=$at ${killable} exclude add bob x --set log.level=debug >/run/killed 2>&1 || code=$?
      [ $code = 137 ] || { echo "$at: exit $code"; cat /run/killed; exit 1; } >&2
    done
    roamhome exclude add bob x
    zfs mount data/profiles/bob; find /Users/bob/x; zfs unmount data/profiles/bob
    roamhome login bob >/run/report 2>&1
    cat /Users/bob/x/file`;
  expect(await run('mac-b', 'sh', '-c', script)).toMatch(/^x: .*\n\/Users\/bob\/x\ncontent\n$/);
});
