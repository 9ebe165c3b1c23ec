import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { commands } from '../../../src/cli/commands.ts';
import { envelope, failureShape, shapes } from '../../../src/cli/json-shapes.ts';
import { declareAll, recordProgram, type CommandDoc } from '../../../src/cli/record-commands.ts';
import { listExitCodes } from '../../../src/errors/exit-codes.ts';
import { shapeKey, shapeText } from './shape-text.ts';

const program = recordProgram(declareAll(commands));
const leaves = ({ commands: below }: CommandDoc): readonly CommandDoc[] =>
  below.flatMap((command) => (command.commands.length === 0 ? [command] : leaves(command)));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const exitCodes = table(
  ['exit code', 'meaning'],
  listExitCodes().map(({ exitCode, meaning }) => [String(exitCode), meaning]),
);

const errorCodes = table(
  ['exit code', 'error codes'],
  listExitCodes()
    .filter(({ errors }) => errors.length > 0)
    .map(({ exitCode, errors }) => [String(exitCode), errors.map((code) => `\`${code}\``).join(' ')]),
);

const commandList = table(
  ['command', 'what it does'],
  leaves(program).map(({ usage, describe }) => [`\`roamhome ${usage}\``, describe]),
);

const problem = failureShape.shape.error;
const named = new Map([[shapeKey(problem), 'Problem']]);

/** Commands of one shape together; what every document has is left out. */
function commandShapes(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [name, shape] of shapes) {
    const own = Object.entries(shape.shape).filter(
      ([field, type]) => (envelope as Readonly<Record<string, unknown>>)[field] !== type,
    );
    const text = shapeText(z.strictObject(Object.fromEntries(own)), named);
    found.set(text, [...(found.get(text) ?? []), name]);
  }
  return found;
}

const shapeList = [
  ['Problem', shapeText(problem)] as const,
  ['Every document', shapeText(z.strictObject(envelope), named)] as const,
  ...[...commandShapes()].map(
    ([text, names]) => [names.map((name) => `\`${name}\``).join(', '), text] as const,
  ),
]
  .map(([name, text]) => `### ${name}\n\n\`\`\`\n${text}\n\`\`\``)
  .join('\n\n');

const sections = [
  ['README.md', 'commands', commandList],
  ['README.md', 'exit codes', exitCodes],
  ['docs/scripting.md', 'exit codes', exitCodes],
  ['docs/scripting.md', 'error codes', errorCodes],
  ['docs/scripting.md', 'shapes', shapeList],
] as const;

test.each(sections)('%s has the %s as they are in the code', async (file, name, text) => {
  const url = new URL(`../../../${file}`, import.meta.url);
  const page = readFileSync(url, 'utf8');
  const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end of what is generated -->'];
  const from = page.indexOf(begin) + begin.length;
  const until = page.indexOf(end, from);
  expect(page).toContain(begin);
  const options = { ...(await resolveConfig(url)), parser: 'markdown' };
  const whole = await format(`${page.slice(0, from)}\n\n${text}\n\n${page.slice(until)}`, options);
  // ROAMHOME_WRITE_DOCS=1 writes the page anew.
  if (process.env['ROAMHOME_WRITE_DOCS'] === '1') writeFileSync(url, whole);
  else expect(page).toBe(whole);
});
