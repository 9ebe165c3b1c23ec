import { describe, expect, test } from 'vitest';
import { commands } from '../../../../src/cli/commands.ts';
import { registerConfig } from '../../../../src/cli/config/command.ts';
import type { RegisterCommand } from '../../../../src/cli/framework/context.ts';
import { joinOperands, runProgram } from '../../../../src/cli/framework/program.ts';
import { fakeContext } from '../../../support/cli/fake-context.ts';

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

const listAll = 'Run `roamhome --help` to list the commands.';
const seeLogin = 'Run `roamhome login --help`. Usage: roamhome login <user>';
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

test.each<[string[], string, string]>([
  [[], 'no command is given', 'Run `roamhome --help`.'],
  [['logni', 'alice'], 'unknown command: logni', `Did you mean \`roamhome login\`? ${listAll}`],
  [['cnfig'], 'unknown command: cnfig', `Did you mean \`roamhome config\`? ${listAll}`],
  [['frobnicate'], 'unknown command: frobnicate', listAll],
  [['logni', '--help'], 'unknown command: logni', `Did you mean \`roamhome login\`? ${listAll}`],
  [['frobnicate', '-vh'], 'unknown command: frobnicate', listAll],
  [['help', 'frobnicate'], 'unknown command: frobnicate', listAll],
  [['--config', '/x', 'frobnicate', '-h'], 'unknown command: frobnicate', listAll],
  [['login'], '<user> is missing', seeLogin],
  [['login', 'alice', 'bob'], 'unknown argument: bob', seeLogin],
  [['login', 'alice', '--drry-run'], 'unknown option: --drry-run', `Did you mean --dry-run? ${seeLogin}`],
  [['login', 'alice', '--drry-run=1'], 'unknown option: --drry-run', `Did you mean --dry-run? ${seeLogin}`],
  [['login', 'alice', '-x'], 'unknown option: -x', seeLogin],
  [['--vresion'], 'unknown option: --vresion', 'Did you mean --version? Run `roamhome --help`.'],
  [['login', 'alice', '--config'], 'Not enough arguments following: config', seeLogin],
  [['login', 'a', '--config', '/a', '--config', '/b'], '--config is given more than once', seeLogin],
  [
    ['config'],
    'config needs to be told what to do with it: show, get, set, check or path',
    'Run `roamhome config --help`.',
  ],
  [
    ['config', 'shwo'],
    'unknown command: shwo',
    'Did you mean `roamhome config show`? Run `roamhome config --help` to list the commands.',
  ],
  [
    ['config', 'frobnicate', '--help'],
    'unknown command: frobnicate',
    'Run `roamhome config --help` to list the commands.',
  ],
  [['login', '--', '-x'], '"-x" is not a name that Roamhome takes', seeLogin],
  [['login', '--', ''], '"" is not a name that Roamhome takes', seeLogin],
])('%j is a mistake of usage', async (args, message, remedy) => {
  await expect(runWith(args)).rejects.toMatchObject({ code: 'usage', message, remedy });
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

test.each([
  [['help'], ['--help']],
  [
    ['help', 'login'],
    ['login', '--help'],
  ],
  [
    ['help', 'config', 'show'],
    ['config', 'show', '--help'],
  ],
  [['version'], ['--version']],
])('%j is %j', async (words, same) => {
  const { given, printed } = await runWith(words);
  expect(given).toEqual([]);
  expect(printed).toBe((await runWith(same)).printed);
});

test('a command that the help does not list has help of its own', async () => {
  const { context, printed } = fakeContext();
  await runProgram(['man', '--help'], context, commands);
  expect(printed()).toMatch(/^roamhome man/);
});

test('a shell that completes a command line with --help in it gets candidates', async () => {
  const { printed } = await runWith(['--get-yargs-completions', 'roamhome', 'frob', '--help', '']);
  expect(printed).not.toContain('unknown command');
});

test('the options of a command come before those of every command, without the types of switches', async () => {
  const { printed } = await runWith(['login', '--help']);
  expect(printed).toMatch(/^Options:\n {6}--dry-run$/m);
  expect(printed.indexOf('\nOptions:\n')).toBeLessThan(printed.indexOf('\nOptions of every command:\n'));
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
