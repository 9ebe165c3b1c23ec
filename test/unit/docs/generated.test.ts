import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { envelope, failureShape, shapes } from '../../../src/cli/framework/json-shapes.ts';
import {
  commandIndex,
  commandPages,
  errorIndex,
  errorPages,
  exitCodeTable,
  globalOptions,
  metricTable,
  settingPages,
} from '../../support/docs/reference-text.ts';
import { shapeKey, shapeText } from '../../support/docs/shape-text.ts';

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
  ['docs/troubleshooting.md', 'error index', errorIndex()],
  ['docs/reference/commands.md', 'command index', commandIndex()],
  ['docs/reference/commands.md', 'global options', globalOptions()],
  ['docs/reference/commands.md', 'command pages', commandPages()],
  ['docs/reference/settings.md', 'settings', settingPages()],
  ['docs/reference/exit-codes.md', 'exit codes', exitCodeTable()],
  ['docs/reference/errors.md', 'errors', errorPages()],
  ['docs/reference/json.md', 'shapes', shapeList],
  ['docs/reference/metrics.md', 'metrics', metricTable()],
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
  // `npm run docs` writes the page.
  if (process.env['ROAMHOME_WRITE_DOCS'] === '1') writeFileSync(url, whole);
  else expect(page).toBe(whole);
});
