import { expect, test } from 'vitest';
import { commands } from '../../../../src/cli/commands.ts';
import { manPage } from '../../../../src/cli/man/man-page.ts';
import { defaultsFor } from '../../../../src/config/defaults.ts';
import { listExitCodes } from '../../../../src/errors/exit-codes.ts';
import { declareGlobals } from '../../../../src/cli/framework/program.ts';
import { declareAll, recordProgram, type CommandDoc } from '../../../../src/cli/framework/record-commands.ts';

const program = recordProgram((recorder) => {
  declareGlobals(recorder);
  declareAll(commands)(recorder);
});

const leaves = ({ commands: below }: CommandDoc): readonly CommandDoc[] =>
  below.flatMap((command) => (command.commands.length === 0 ? [command] : leaves(command)));

test.each(leaves(program).map((command) => [command.usage, command] as const))(
  '%s says what it does, with an example, and is in the manual',
  (usage, { describe, examples }) => {
    expect(describe).not.toBe('');
    expect(examples.length).toBeGreaterThan(0);
    const page = manPage(program, '1.2.3', '2026-11-26');
    expect(page).toContain(`.SS "roamhome ${usage.replaceAll('-', '\\-')}"`);
  },
);

test('what prints data has --json', () => {
  const without = leaves(program)
    .filter(({ options }) => !options.some(({ name }) => name === 'json'))
    .map(({ usage }) => usage);
  // A script for shells, a window, and a program that goes on until it is ended.
  expect(without).toEqual(['watch-console', 'notify', 'completion']);
});

test('the manual has each exit code with its meaning', () => {
  const page = manPage(program, '1', '2026-11-26');
  for (const { exitCode, meaning } of listExitCodes())
    expect(page).toContain(`.B ${exitCode}\n${meaning.replaceAll('-', '\\-')}\n`);
});

test('what roff would take for its own is escaped', () => {
  const command: CommandDoc = {
    ...{ usage: 'a <b>', describe: ".dot\\ -x 'q", operands: [], epilogue: "'late\nline", commands: [] },
    options: [{ name: 'dry-run', describe: 'd', alias: ['n'], takesValue: true, required: false }],
    examples: [['$0 a --dry-run', 'As ever']],
  };
  const page = manPage({ ...command, commands: [command] }, '1', '2026-11-26');
  expect(page).toContain("\n\\&.dot\\e \\-x 'q.\n");
  expect(page).toContain('\n\\fB\\-\\-dry\\-run\\fR, \\fB\\-n\\fR \\fIdry\\-run\\fR\n');
  expect(page).toContain('\nroamhome a \\-\\-dry\\-run\n');
  expect(page).toContain("\n\\&'late line\n");
});

test('options that several commands share are in the manual too', () => {
  const server = leaves(program).find(({ usage }) => usage === 'provision server');
  expect(server?.options.map(({ name }) => name)).toEqual([
    ...['dry-run', 'json', 'host'],
    ...['pool', 'restriction', 'for', 'exact'],
  ]);
});

test('hidden commands and options are left out', () => {
  expect(leaves(program).map(({ usage }) => usage)).not.toContain('man');
});

test('the manual names the files of settings, and settings that there are', () => {
  const page = manPage(program, '1', '2026-11-26').replaceAll('\\-', '-');
  for (const path of ['/etc/roamhome/config.json', '/Library/Preferences/org.roamhome.plist'])
    expect(page).toContain(`.I ${path}\n`);
  const named = page.match(/\b(?:local|log|progress)\.\w+/g) ?? [];
  const settings = defaultsFor('linux', 'x') as unknown as Readonly<Record<string, object>>;
  const wrong = named.filter((key) => {
    const [section = '', name = ''] = key.split('.');
    return !Object.hasOwn(settings[section] ?? {}, name);
  });
  expect(named.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});
