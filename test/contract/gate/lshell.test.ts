import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { lshellRefusal } from '../../restrictions/lshell.ts';
import { anyLine, mutate, randomFrom } from '../../unit/gate/mutate.ts';
import { policyOf } from '../../restrictions/restricted.ts';

const standIn = new URL('../../../scripts/lab.d/lshell-standin', import.meta.url).pathname;

/** The stand-in with nothing that it could do: what it would run, and write to its log, stays undone. */
const harmless =
  'BEGIN { *CORE::GLOBAL::exec = sub { exit 0 }; *CORE::GLOBAL::open = sub (*;$@) { 0 } } do shift';

/** What the stand-in of the lab says; null: it would run it. */
function asStandIn(command: string): { readonly exitCode: number | null; readonly stderr: string } | null {
  const { status, stderr } = spawnSync('perl', ['-e', harmless, standIn, '-c', command], {
    encoding: 'utf8',
  });
  return status === 0 && stderr === '' ? null : { exitCode: status, stderr };
}

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
  '',
])('the rules of lshell for the tests are those of the lab: %j', (command) => {
  expect(lshellRefusal(command)).toEqual(asStandIn(command));
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
