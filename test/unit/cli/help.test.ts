import { describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { runProgram } from '../../../src/cli/framework/program.ts';
import { fakeContext } from '../../support/cli/fake-context.ts';

/** What the real command line prints. Throws what it throws. */
async function printed(...args: readonly string[]): Promise<string> {
  const { context, printed: text } = fakeContext();
  await runProgram(args, context, commands);
  return `${text()}\n`;
}

/** The words of each command, those of groups of commands too, as the help lists them. */
async function commandsBelow(...words: readonly string[]): Promise<readonly (readonly string[])[]> {
  const section = /^Commands:\n([^]*?)\n\n/m.exec(await printed(...words, '--help'))?.[1] ?? '';
  const start = ['  roamhome', ...words, ''].join(' ');
  const names = section
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length).split(' ')[0] ?? '');
  const below = await Promise.all(names.map((name) => commandsBelow(...words, name)));
  return [...names.map((name) => [...words, name]), ...below.flat()];
}

const all = await commandsBelow();

test('every command is found', () => {
  expect(all).toEqual(expect.arrayContaining([['login'], ['config'], ['conflicts', 'restore']]));
  expect(all.length).toBeGreaterThan(commands.length);
});

describe.each(all.map((words) => [words.join(' '), words] as const))('roamhome %s', (_name, words) => {
  test('its help fits 80 columns, says what it is for, and shows examples or commands', async () => {
    const help = await printed(...words, '--help');
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(help).toMatch(new RegExp(`^roamhome ${words.join(' ')}.*\n\n[A-Z][^]*\n\n`));
    expect(help).toMatch(/^(Examples|Commands):$/m);
  });

  test('an option that it does not have is a mistake of usage', async () => {
    await expect(printed(...words, 'x', '--no-such-option')).rejects.toMatchObject({ code: 'usage' });
  });
});

test('an option that has to be given is named', async () => {
  await expect(printed('push')).rejects.toMatchObject({
    code: 'usage',
    message: 'the option --pending is missing',
    remedy: 'Run `roamhome push --help`. Usage: roamhome push --pending',
  });
});

test('an option that has to be given says what with', async () => {
  await expect(printed('restore', 'alice', 'x')).rejects.toMatchObject({
    code: 'usage',
    message: 'the option --at is missing: say as of when: --at "yesterday 14:00"',
    remedy: 'Run `roamhome restore --help`. Usage: roamhome restore <user> <path> --at <at>',
  });
});

test('a mistake in a command below a group shows that command', async () => {
  await expect(printed('provision', 'user', 'move')).rejects.toMatchObject({
    message: '<name> is missing',
    remedy: 'Run `roamhome provision user move --help`. Usage: roamhome provision user move <name> --to <to>',
  });
});

test('a server with a port is refused, with what to give instead', async () => {
  await expect(printed('provision', 'client', '--server', 'server.example:2222')).rejects.toMatchObject({
    code: 'usage',
    remedy: 'Give `--server server.example --port 2222`.',
  });
});
