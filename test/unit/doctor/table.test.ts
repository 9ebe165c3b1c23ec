import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { macChecks } from '../../../src/doctor/mac-checks.ts';
import { serverChecks } from '../../../src/doctor/server-checks.ts';

const text = readFileSync(new URL('../../../docs/reference/doctor.md', import.meta.url), 'utf8');

test.each([
  ['On a Mac or a workstation', macChecks('macos')],
  ['On the server', serverChecks],
])('docs/reference/doctor.md has every check, with what it is about: %s', (heading, checks) => {
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|/gm)].map(([, name, about]) => [
    name,
    about,
  ]);
  expect(rows).toEqual(checks.map(({ name, about }) => [name, about]));
});
