import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { oldNode } from '../../../src/start/node-version.ts';

test.each([
  ['18.20.4', true],
  ['20.18.9', true],
  ['20.19.0', false],
  ['20.20.1', false],
  ['22.0.0', false],
])('Node %s is too old: %s', (version, isOld) => {
  expect(oldNode(version) !== null).toBe(isOld);
});

test('the oldest Node is that of package.json', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const [, oldest = ''] = /^>=(.+)$/.exec(engines.node) ?? [];
  expect(oldNode(`${oldest}.0`)).toBeNull();
  expect(oldNode('1.0.0')).toContain(`needs Node ${oldest} or newer`);
});
