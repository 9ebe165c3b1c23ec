import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../support/texts.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/develop/where-is-what.md');

test('where-is-what answers twenty questions, each with a place that is there', () => {
  const answers = [...page.matchAll(/^\| [^|]+\? +\| `([^`]+)`/gm)].map(([, path = '']) => path);
  expect(answers).toHaveLength(20);
  expect(new Set(answers).size).toBe(20);
  expect(answers.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('each file on the way of a login calls the next', () => {
  const way = [...page.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = '']) => path);
  expect(way.length).toBeGreaterThan(9);
  const notCalled = way.slice(2).flatMap((path, at) => {
    const caller = way[at + 1] ?? '';
    return isCalled(caller, path) ? [] : [`${caller} does not call ${path}`];
  });
  expect(notCalled).toEqual([]);
});

/** By an import of its name; src/main.ts loads the bundle, whose entry is src/start/program.ts. */
function isCalled(caller: string, path: string): boolean {
  const from = caller === 'src/main.ts' ? 'src/start/program.ts' : caller;
  return new RegExp(`(from |import\\()'[^']*/${basename(path).replace('.', '\\.')}'`).test(read(from));
}

test('each test that docs/invariants.md names is there, and each title is one of its file', () => {
  const invariants = read('docs/invariants.md');
  const rules = invariants.split(/^\d+\. /m).slice(1);
  expect(rules).toHaveLength(12);
  for (const rule of rules) expect(rule).toMatch(/Shown by `test\//);
  const named = [...invariants.matchAll(/`(test\/[a-z0-9/-]+\.test\.ts)`(?: "([^"]+)")?/g)];
  const absent = named.flatMap(([text, path = '', title]) => {
    if (!existsSync(join(root, path))) return [path];
    return title === undefined || read(path).includes(`'${title}'`) ? [] : [text];
  });
  expect(absent).toEqual([]);
});
