import { describe, expect, test } from 'vitest';
import { registerConfig } from '../../../src/cli/config-show.ts';
import type { RegisterCommand } from '../../../src/cli/context.ts';
import { joinOperands, runProgram } from '../../../src/cli/program.ts';
import { fakeContext } from './fake-context.ts';

/** Runs a command line over a made-up `login`; resolves with what it was given and what was printed. */
async function runWith(args: readonly string[]) {
  const given: unknown[] = [];
  const register: RegisterCommand = (program) => {
    program.command(
      'login <user>',
      'Log in',
      (login) =>
        login
          .positional('user', { type: 'string', demandOption: true })
          .option('dry-run', { type: 'boolean' }),
      async ({ user, set, config, verbose }) => {
        await Promise.resolve();
        if (user === 'broken') throw new TypeError('a bug');
        given.push({ user, set, config, verbose });
      },
    );
  };
  const { context, printed } = fakeContext();
  await runProgram(args, context, [register, registerConfig]);
  return { given, printed: printed() };
}

const none = { set: [], config: undefined, verbose: false };

test.each<[string[], object]>([
  [['login', 'alice'], { ...none, user: 'alice' }],
  [['login', '--', 'alice'], { ...none, user: 'alice' }],
  [['login', '007'], { ...none, user: '007' }],
  [['login', '0x10'], { ...none, user: '0x10' }],
  [['--verbose', 'login', 'alice'], { ...none, user: 'alice', verbose: true }],
  [['login', '--set', 'a.b=1', 'alice', '--set=c=d'], { ...none, user: 'alice', set: ['a.b=1', 'c=d'] }],
  [['login', 'alice', '--config', '/x'], { ...none, user: 'alice', config: '/x' }],
])('%j', async (args, want) => {
  expect((await runWith(args)).given).toEqual([want]);
});

test.each<[string[], string, RegExp]>([
  [[], 'no command is given', /--help/],
  [['logni', 'alice'], 'unknown command: logni', /Did you mean login\?/],
  [['cnfig'], 'unknown command: cnfig', /Did you mean config\?/],
  [['frobnicate'], 'unknown command: frobnicate', /^See/],
  [['login'], 'a name is missing', /roamhome login --help/],
  [['login', 'alice', 'bob'], 'unknown argument: bob', /--help/],
  [['login', 'alice', '--drry-run'], 'unknown option: --drry-run', /Did you mean --dry-run\?/],
  [['login', 'alice', '--drry-run=1'], 'unknown option: --drry-run', /Did you mean --dry-run\?/],
  [['login', 'alice', '-x'], 'unknown option: -x', /^See/],
  [['--vresion'], 'unknown option: --vresion', /Did you mean --version\?/],
  [['login', 'alice', '--config'], 'Not enough arguments following: config', /--help/],
  [['login', 'alice', '--config', '/a', '--config', '/b'], '--config is given more than once', /--help/],
  [['config'], 'config needs to be told what to do with it: show', /--help/],
  [['config', 'shwo'], 'unknown command: shwo', /Did you mean show\?/],
  [['login', '--', '-x'], '"-x" is not a name that Roamhome takes', /--help/],
  [['login', '--', ''], '"" is not a name that Roamhome takes', /--help/],
])('%j is a mistake of usage', async (args, message, remedy) => {
  await expect(runWith(args)).rejects.toMatchObject({
    code: 'usage',
    message,
    remedy: expect.stringMatching(remedy) as string,
  });
});

test('what a command throws is passed on as it is', async () => {
  await expect(runWith(['login', 'broken'])).rejects.toThrow(new TypeError('a bug'));
});

describe('help', () => {
  test.each([[['--help']], [['-h']], [['login', '--help']], [['config', 'show', '--help']]])(
    '%j fits 80 columns and runs nothing',
    async (args) => {
      const { given, printed } = await runWith(args);
      expect(given).toEqual([]);
      expect(printed).toContain('roamhome');
      expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  test('lists commands and examples', async () => {
    const { printed } = await runWith(['--help']);
    expect(printed).toMatch(/roamhome login <user> {2,}Log in/);
    expect(printed).toContain('Examples:');
  });
});

test('config show prints rows, and JSON when asked', async () => {
  const text = (await runWith(['config', 'show', '--set', 'server.port=2222'])).printed;
  expect(text).toMatch(/^server\.port +2222 +--set$/m);
  const json = (await runWith(['config', 'show', '--json', '--set', 'zfsPath=/a:/b'])).printed;
  expect(JSON.parse(json)).toMatchObject({
    settings: { zfsPath: { value: ['/a', '/b'], source: '--set' } },
  });
});

test('operands behind --', () => {
  expect(joinOperands(['a', '--b'])).toEqual(['a', '--b']);
  expect(joinOperands(['a', '--b', '--', 'c', 'd'])).toEqual(['a', '--b', 'c', 'd']);
});
