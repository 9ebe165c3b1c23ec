import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withKeptName } from '../../../../src/cli/framework/kept-name.ts';
import { defaultsFor } from '../../../../src/config/defaults.ts';
import type { LoadedConfig } from '../../../../src/config/merge.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-name-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});
const file = (): string => join(directory, 'state/mac-name');

function loaded(hostName: string, source = 'default'): LoadedConfig {
  const config = defaultsFor('macos', hostName);
  return {
    config: { ...config, local: { ...config.local, spoolDir: join(directory, 'state/pending') } },
    ...{ mistakes: [], replaced: new Set<string>() },
    origins: new Map([['local.macName', source]]),
  };
}
const nameOf = async (hostName: string, options = { keep: true }, source?: string): Promise<string> =>
  (await withKeptName(loaded(hostName, source), options)).config.local.macName;

test('a machine keeps the name of its first use, whatever macOS or a network call it later', async () => {
  expect(await nameOf('MacBook-Pro.local')).toBe('MacBook-Pro');
  expect(await nameOf('MacBook-Pro-2.local')).toBe('MacBook-Pro');
  expect(await nameOf('macbook-pro.home', { keep: false })).toBe('MacBook-Pro');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
  const { origins } = await withKeptName(loaded('x'), { keep: false });
  expect(origins.get('local.macName')).toBe(file());
});

test('a setting goes before it, and is not kept', async () => {
  expect(await nameOf('mac7', { keep: true }, '/etc/roamhome/config.json')).toBe('mac7');
  expect(() => readFileSync(file())).toThrow('ENOENT');
});

test.each(['192.168.1.5', 'localhost', ''])('a name for now is not kept: %j', async (hostName) => {
  await nameOf(hostName);
  expect(await nameOf('MacBook-Pro.local')).toBe('MacBook-Pro');
});

test('a command that only looks writes nothing', async () => {
  expect(await nameOf('mac7', { keep: false })).toBe('mac7');
  expect(() => readFileSync(file())).toThrow('ENOENT');
});

test('a file that others can write, or of other content, names nothing', async () => {
  await nameOf('mac7');
  writeFileSync(file(), 'two words\n');
  expect(await nameOf('mac8', { keep: false })).toBe('mac8');
  writeFileSync(file(), 'mac9\n');
  expect(await nameOf('mac8', { keep: false })).toBe('mac9');
  chmodSync(file(), 0o666);
  expect(await nameOf('mac8', { keep: false })).toBe('mac8');
});

test('where nothing can be written, the host’s name it is', async () => {
  const at = loaded('mac7');
  const config = { ...at.config, local: { ...at.config.local, spoolDir: '/dev/null/x/pending' } };
  expect((await withKeptName({ ...at, config }, { keep: true })).config.local.macName).toBe('mac7');
});
