import { expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { declareAll, recordProgram, type CommandDoc } from '../../../src/cli/framework/record-commands.ts';
import { fakeContext } from '../../support/cli/fake-context.ts';
import { runProgram } from '../../../src/cli/framework/program.ts';

/** A text of the help, and where it stands. */
interface HelpText {
  readonly where: string;
  readonly text: string;
}

/** What the help says of each command, operand, option and example, those that it does not list too. */
function textsOf({
  usage,
  describe,
  operands,
  options,
  examples,
  epilogue,
  ...rest
}: CommandDoc): readonly HelpText[] {
  return [
    { where: usage, text: describe },
    ...[...operands, ...options].map(({ name, describe: text }) => ({ where: `${usage}: ${name}`, text })),
    ...examples.map(([command, text]) => ({ where: `${usage}: ${command}`, text })),
    { where: `${usage}: at the end`, text: epilogue },
    ...rest.commands.flatMap(textsOf),
  ].filter(({ text }) => text !== '');
}

const whole = recordProgram(declareAll(commands), { hidden: true });
const texts = textsOf(whole);
const isLong = ({ where }: HelpText): boolean => where.endsWith(': at the end');
const shown = (found: readonly HelpText[]): readonly string[] =>
  found.map(({ where, text }) => `${where}: ${text}`);

/** Words of a translation, idioms that no reader knows, and clauses that stand for a thing without naming it. */
const forbidden =
  /\b(gone on with|is none|or no more|see to|what is said|behind the @|let(s)? (.* )?in\b|let in|has them not|is to be|that is there|as it would be|whatever happened|those (that|of|who)|said|of it is|all that (it|is)|anew|hangs on|stands? for good|each Mac its own|what waits|what is wrong|what becomes|what it was)\b/i;

test('the texts of all commands are found', () => {
  const where = texts.map((text) => text.where);
  expect(where).toEqual(
    expect.arrayContaining([
      'login <user>',
      'conflicts restore <name> [paths..]: overwrite',
      'doctor: at the end',
    ]),
  );
  expect(texts.length).toBeGreaterThan(200);
});

test('each has at most 60 characters', () => {
  expect(shown(texts.filter((one) => !isLong(one) && one.text.length > 60))).toEqual([]);
});

test('a command and an option that has to be given say what they do', () => {
  const all = (command: CommandDoc): readonly CommandDoc[] => [command, ...command.commands.flatMap(all)];
  const silent = all(whole).filter(
    ({ usage, describe }) => usage !== '' && usage !== 'man' && describe === '',
  );
  expect(silent.map(({ usage }) => usage)).toEqual([]);
});

test('a command begins with a verb in capitals and ends without a stop', () => {
  const all = (command: CommandDoc): readonly CommandDoc[] => [command, ...command.commands.flatMap(all)];
  const odd = all(whole).filter(
    ({ describe }) => describe !== '' && !/^[A-Z][a-z]+,? .*[^.:;]$/.test(describe),
  );
  expect(odd.map(({ describe }) => describe)).toEqual([]);
});

test('none uses words that no reader knows', () => {
  expect(shown(texts.filter(({ text }) => forbidden.test(text)))).toEqual([]);
});

test('the help of the program itself fits 80 columns', async () => {
  const { context, printed } = fakeContext();
  await runProgram(['--help'], context, commands);
  expect(
    printed()
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});
