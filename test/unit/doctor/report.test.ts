import { expect, test } from 'vitest';
import { advise, makeChecks, ok, run, warning, critical, type Check } from '../../../src/doctor/finding.ts';
import {
  checksToJson,
  describeChecks,
  exitCodeOfChecks,
  summariseChecks,
} from '../../../src/doctor/report.ts';
import { worstOf } from '../../../src/format/level.ts';
import { gather, learn } from '../../../src/doctor/fact.ts';

const check = (name: string, ...findings: ReturnType<Check<null>['judge']>): Check<null> => ({
  name,
  about: '',
  judge: () => findings,
});
const made = makeChecks(
  [
    check('pool', ok('data is ONLINE')),
    check('key', critical('mode\n0644', run('here', ['chmod 600 /k']))),
    check('clock', warning('off', advise('here', 'Set it.'))),
    check('delegation', critical('more | than', run('server', ['zfs unallow x', 'zfs allow y'], 'First '))),
  ],
  null,
);

test('the first line is a plugin’s: the level, what is not ok, and the counts behind the only bar', () => {
  expect(summariseChecks(made)).toBe(
    'ROAMHOME CRITICAL - key, delegation, clock | critical=2 warning=1 unknown=0 ok=1',
  );
  expect(summariseChecks(made.slice(0, 1))).toBe(
    'ROAMHOME OK - all 1 checks are ok | critical=0 warning=0 unknown=0 ok=1',
  );
});

test('a line for each finding, one for what to do', () => {
  expect(describeChecks(made)).toEqual([
    'ok        pool        data is ONLINE',
    'critical  key         mode 0644',
    '                      what to do, as root: `chmod 600 /k`',
    'warning   clock       off',
    '                      what to do: Set it.',
    'critical  delegation  more ¦ than',
    '                      what to do, on the server: First `zfs unallow x`, then `zfs allow y`',
  ]);
});

test('a command is printed byte for byte, whatever is in it', () => {
  const command = `sed -i -E  '/^(a|b)/s/x/\\1/' "/etc/a  b"`;
  const [, line] = describeChecks(
    makeChecks(
      [check('keys', critical('a | b', run('here', [command, 'true || false'], 'One | two:  ')))],
      null,
    ),
  );
  expect(line?.trim()).toBe(`what to do, as root: One ¦ two: \`${command}\`, then \`true || false\``);
});

test('JSON has the commands apart', () => {
  expect(checksToJson(made)).toMatchObject({
    level: 'critical',
    checks: [
      {},
      { name: 'key', findings: [{ remedy: { where: 'here', commands: ['chmod 600 /k'] } }] },
      {},
      {},
    ],
  });
});

test.each([
  [['ok', 'ok'], 'ok', 0],
  [['ok', 'unknown'], 'unknown', 3],
  [['unknown', 'warning'], 'warning', 1],
  [['critical', 'unknown', 'warning'], 'critical', 2],
] as const)('%j is %s', (levels, want, code) => {
  expect(worstOf(levels)).toBe(want);
  expect(exitCodeOfChecks(levels.map((level) => ({ name: '', level, findings: [] })))).toBe(code);
});

test('a check that fails is unknown, and stops no other', () => {
  const bug: Check<null> = {
    ...check('bug'),
    judge: () => {
      throw new Error('this is a bug');
    },
  };
  const [first, second] = makeChecks([bug, check('pool', ok('well'))], null);
  expect([first?.level, second?.level]).toEqual(['unknown', 'ok']);
  expect(first?.findings[0]?.what).toContain('this is a bug');
  expect(first?.findings[0]?.remedy?.text).toContain('report');
});

test('what is to be asked first has its answer before the others are asked', async () => {
  const order: string[] = [];
  const question = (name: string) => async () => {
    order.push(name);
    await Promise.resolve();
    order.push(`${name} answered`);
  };
  const questions = { a: question('a'), b: question('b') };
  await gather(questions, { known: true, value: null }, ['b']);
  expect(order).toEqual(['b', 'b answered', 'a', 'a answered']);
});

test('facts are found out side by side, each with its own end', async () => {
  const questions = {
    a: (tools: number) => tools + 1,
    b: () => Promise.reject(new Error('no')),
    c: (): Promise<string> => Promise.resolve('c'),
  };
  expect(await gather(questions, { known: true, value: 1 })).toMatchObject({
    a: { known: true, value: 2 },
    b: { known: false, error: { message: 'no' } },
    c: { known: true, value: 'c' },
  });
  const nothing = await learn<number>(() => Promise.reject(new Error('no tools')));
  expect(await gather(questions, nothing)).toMatchObject({ a: nothing, b: nothing, c: nothing });
});
