import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withLshellSection } from '../../../src/provision/server/lshell-section.ts';
import { lshellRefusal } from '../../support/restrictions/lshell.ts';
import { anyLine, mutate, randomFrom } from '../../support/gate/mutate.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';

const standIn = new URL('../../../scripts/lab.d/lshell-standin', import.meta.url).pathname;

const root = mkdtempSync(join(tmpdir(), 'roamhome-lshell-'));
const bin = join(root, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'zfs'), '', { mode: 0o755 });
const config = join(root, 'lshell.conf');
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** The stand-in with nothing that it could do: what it would run stays undone. */
const harmless = 'BEGIN { *CORE::GLOBAL::exec = sub { exit 0 } } $0 = shift; do $0';

const { username } = userInfo();
const provisioned = withLshellSection('', username).replace(/^env_path.*$/m, `env_path : '${bin}'`);

/** What the stand-in of the lab says; null: it would run it. */
function asStandIn(
  command: string,
  { text = provisioned, home = root }: { readonly text?: string | null; readonly home?: string } = {},
): { readonly exitCode: number | null; readonly stderr: string } | null {
  if (text === null) rmSync(config, { force: true });
  else writeFileSync(config, text);
  const argv = ['-e', harmless, standIn, '--config', config, '-c', command];
  const { status, stderr } = spawnSync('perl', argv, {
    encoding: 'utf8',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/games', HOME: home },
  });
  return status === 0 && stderr === '' ? null : { exitCode: status, stderr };
}

// As lshell 0.11.1 was seen to, installed from its source and in a venv (docs/lab.md).
test.each<[string, Parameters<typeof asStandIn>[1], number, string]>([
  ['no file', { text: null }, 1, "lshell: config file doesn't exist"],
  [
    'no [global]',
    { text: provisioned.replace('[global]', '[default]') },
    1,
    'config file missing [global] section',
  ],
  ['an empty [global]', { text: provisioned.replace(/^logpath.*$/m, '') }, 1, "KeyError: 'logpath'"],
  ['no section', { text: '[global]\nlogpath : /x\n' }, 1, "lshell: missing parameter 'allowed'"],
  [
    'no forbidden',
    { text: provisioned.replace(/^forbidden.*$/m, '') },
    1,
    "lshell: missing parameter 'forbidden'",
  ],
  ['no home', { home: '/nowhere' }, 1, 'lshell: home directory "/nowhere" does not exist'],
  ['a colon in front', { text: provisioned.replace("'/", "':/") }, 1, 'env_path must be a valid $PATH: :/'],
  [
    'no zfs on the PATH',
    { text: provisioned.replace(bin, '/nowhere') },
    127,
    'lshell: command not found: "zfs"',
  ],
])('the stand-in refuses everything as lshell does: %s', (_what, options, exitCode, says) => {
  const refused = asStandIn('zfs version', options);
  expect(refused?.exitCode).toBe(exitCode);
  expect(refused?.stderr).toContain(says);
  expect(refused?.stderr.split('\n').length).toBeLessThan(5);
  expect(asStandIn('zfs version')).toBeNull();
});

test.each([
  'zfs list',
  ' zfs list -- data/profiles/alice@a',
  'LC_ALL=C zfs list',
  'zfs list && zfs list',
  'zfs list || zfs list',
  'zfs list "a b" \'c\' d\\ e',
  'zfs list $HOME ~',
  'zfs list ä😀',
  'zfs list; id',
  'zfs list | cat',
  'zfs list > x',
  'zfs list 2>&1',
  'zfs list `id`',
  'zfs list $(id)',
  'zfs list ${HOME}',
  'zfs list\nid',
  'zfs\tlist',
  'exec zfs list',
  'sudo zfs list',
  '/usr/sbin/zfs list',
  'zpool list',
  'true',
  'sh -c zfs',
  'zfs list &',
  'PATH=/tmp zfs list',
  'HOME=/tmp zfs list',
  'HOME=/tmp zfs',
  'LD_PRELOAD=/tmp/x.so zfs',
  'NODE_OPTIONS=--require=/tmp/x.js zfs list',
  'X=1 "zfs" list',
  'X=1 z\\fs list',
  'X=1  zfs  list',
  "PS4='$''(id)' && SHELLOPTS=xtrace && zfs list",
  'PS4=\\$\\(id\\) && SHELLOPTS=xtrace && zfs list',
  'SHELLOPTS=xtrace && zfs list',
  'zfs list data/zfs@zfs',
  'X=1',
  'LD_PRELOAD=/x',
  '',
])('the rules of lshell for the tests are those of the lab: %j', (command) => {
  expect(lshellRefusal(command)).toEqual(asStandIn(command));
});

// Each passes lshell 0.11.1 by the older list: the last had bash itself run any program, by PS4 (docs/lab.md).
test.each([
  'NODE_OPTIONS=--require=/tmp/x.js zfs list',
  'LC_ALL=C zfs list',
  'zfs list && zfs list',
  'zfs list || zfs list',
  'zfs list "a"',
  'PS4=x && SHELLOPTS=xtrace && zfs list',
])('the section of provisioning refuses what sets a variable for zfs or for bash: %j', (command) => {
  const older = "forbidden : [';', '&', '|', '`', '>', '<', '$(', '${']";
  expect(asStandIn(command, { text: provisioned.replace(/^forbidden.*$/m, () => older) })).toBeNull();
  expect(asStandIn(command)).toMatchObject({ exitCode: 1 });
});

test('also for command lines that nobody thought of', () => {
  const random = randomFrom(7);
  const lines = Array.from({ length: 60 }, () =>
    mutate(random, anyLine(random, policyOf('mac7')), anyLine(random, policyOf('mac7'))),
  )
    // What an argument cannot carry to the stand-in as it is.
    .filter((line) => !/[\0\ud800]/u.test(line) && line.length < 10_000);
  expect(lines.length).toBeGreaterThan(40);
  for (const line of lines) expect([line, lshellRefusal(line)]).toEqual([line, asStandIn(line)]);
});
