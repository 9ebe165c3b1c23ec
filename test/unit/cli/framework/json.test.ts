import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commands } from '../../../../src/cli/commands.ts';
import type { CliContext, RegisterCommand } from '../../../../src/cli/framework/context.ts';
import { shapes } from '../../../../src/cli/framework/json-shapes.ts';
import { declareAll, recordProgram, type CommandDoc } from '../../../../src/cli/framework/record-commands.ts';
import { run } from '../../../../src/cli/run.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { failureOf } from '../../../support/cli/expect-shape.ts';

const program = recordProgram(declareAll(commands));
const leaves = ({ commands: below }: CommandDoc): readonly CommandDoc[] =>
  below.flatMap((command) => (command.commands.length === 0 ? [command] : leaves(command)));
const withJson = leaves(program).filter(({ options }) => options.some(({ name }) => name === 'json'));

/** The command line of a command with made-up operands. */
function wordsOf({ usage, options }: CommandDoc): readonly string[] {
  const words = usage.replaceAll(/<at>/g, 'x').split(' ');
  const operands = words.map((word) => (/^[<[]/.test(word) ? 'x' : word));
  return [...operands, ...(options.some(({ name }) => name === 'pending') ? ['--pending'] : [])];
}

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function ran(args: readonly string[], register?: readonly RegisterCommand[]): Promise<string> {
  await run(args, register);
  return printed;
}

test('every command that prints JSON has a shape', () => {
  const names = withJson.map(({ usage }) => usage.replaceAll(/ [<[].*$/g, ''));
  const known = [...shapes.keys()];
  expect(names.filter((name) => !known.some((one) => one === name || one.startsWith(`${name} --`)))).toEqual(
    [],
  );
});

describe.each(withJson.map((command) => [command.usage, command] as const))(
  '%s --json',
  (_usage, command) => {
    test('prints one document of the failure for a mistake on the command line', async () => {
      const failure = failureOf(await ran([...wordsOf(command), '--no-such-option', '--json']));
      expect(failure).toMatchObject({ exitCode: 64, error: { code: 'usage' } });
      expect(process.exitCode).toBe(64);
    });
  },
);

// Those that change nothing, whatever becomes of their settings.
test.each([
  'status',
  'snapshots x',
  'versions x x',
  'diff x x',
  'conflicts list',
  'exclude list x',
  'config show',
])('%s --json prints one document for settings that cannot be read', async (words) => {
  const args = [...words.split(' '), '--json', '--config', '/nonexistent/roamhome.json'];
  const document = JSON.parse(await ran(args)) as { readonly ok: boolean; readonly exitCode: number };
  expect(document).toMatchObject({ roamhome: 1, ok: false, exitCode: process.exitCode });
  expect(document.exitCode).not.toBe(0);
});

const work =
  (task: (context: CliContext) => void): RegisterCommand =>
  (declare, context) => {
    declare.command(
      'work',
      'Work',
      (command) => command.option('json', { type: 'boolean' }),
      () => {
        task(context);
      },
    );
  };
const error = new RoamhomeError({ code: 'locked', message: 'm password=x', remedy: 'r', retryable: true });
const problem = { code: 'locked', remedy: 'r', commands: [], retryable: true, details: [] };

test('a document says how the run ended', async () => {
  const ended = work(({ print, setExitCode }) => {
    print({ homes: [] });
    setExitCode(75);
  });
  expect(JSON.parse(await ran(['work', '--json'], [ended]))).toEqual({
    ...{ roamhome: 1, ok: false, exitCode: 75 },
    homes: [],
  });
});

test('what was done before a failure is in the same document', async () => {
  const failed = work(({ print }) => {
    print({ done: ['a'] });
    throw error;
  });
  expect(JSON.parse(await ran(['work', '--json'], [failed]))).toEqual({
    ...{ roamhome: 1, ok: false, exitCode: 75, done: ['a'] },
    error: { ...problem, message: 'm password=[redacted]' },
  });
});

test('what the command went on without is in it, and a bug too', async () => {
  const withoutServer = work(({ print, noteProblem }) => {
    noteProblem(error);
    print({ snapshots: [] });
  });
  expect(JSON.parse(await ran(['work', '--json'], [withoutServer]))).toMatchObject({
    problems: [problem],
    snapshots: [],
  });
  printed = '';
  const bug = work(() => {
    throw new TypeError('oops');
  });
  expect(failureOf(await ran(['work', '--json'], [bug]))).toMatchObject({
    exitCode: 70,
    error: { code: 'bug' },
  });
});

test('without --json a failure prints nothing on standard output', async () => {
  expect(await ran(['frobnicate'])).toBe('');
  expect(failureOf(await ran(['frobnicate', '--json'])).error.code).toBe('usage');
});

test('--json behind -- is an operand', async () => {
  expect(await ran(['login', '--', '--json'])).toBe('');
});
