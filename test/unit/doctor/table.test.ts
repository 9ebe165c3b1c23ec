import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { macChecks } from '../../../src/doctor/mac-checks.ts';

test('docs/doctor.md has every check, with what it is about', () => {
  const text = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|/gm)].map(([, name, about]) => [name, about]);
  expect(rows).toEqual(macChecks('macos').map(({ name, about }) => [name, about]));
});
