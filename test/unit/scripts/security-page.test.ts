import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

test('each test that docs/security.md names is there', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const named = [...page.matchAll(/`(test\/[a-z0-9/-]+\.test\.ts)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('each title that docs/security.md names is that of a test in that file', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const named = [...page.matchAll(/`(test\/[a-z0-9/-]+\.test\.ts)` "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(15);
  const absent = named.filter(
    ([, path = '', title = '']) => !readFileSync(join(root, path), 'utf8').includes(`'${title}'`),
  );
  expect(absent.map(([text]) => text)).toEqual([]);
});
