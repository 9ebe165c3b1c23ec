import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, buildBinary } from 'plist';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseContent, readConfigFile } from '../../../src/config/file.ts';
import { configFiles, loadConfig } from '../../../src/config/load.ts';
import { describeMistake } from '../../../src/config/mistakes.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-config-'));
  path = join(directory, 'config');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const read = async (trustOnlyRoot = false, required = true) => {
  const layer = await readConfigFile({ path, required }, { trustOnlyRoot });
  return { ...Object.fromEntries(layer.values), mistakes: layer.mistakes.map(describeMistake) };
};

const content = { server: { address: 'a.example', port: 2222 }, policies: { createOnServer: false } };
const values = { 'server.address': 'a.example', 'server.port': 2222, 'policies.createOnServer': false };

test.each([
  ['JSON', JSON.stringify(content)],
  ['an XML property list', build(content)],
  ['a binary property list', buildBinary(content)],
  ['a property list of a configuration profile', build({ ...content, PayloadUUID: 'x', PayloadVersion: 1 })],
])('reads %s', async (_name, bytes) => {
  writeFileSync(path, bytes);
  expect(await read()).toEqual({ ...values, mistakes: [] });
});

test.each([
  ['{"server": ', /cannot be parsed \(.*JSON.*\), expected JSON or a property list$/],
  ['', /cannot be parsed/],
  ['<plist><dict><key>a</key></dict></plist', /cannot be parsed/],
  ['<html/>', /found/],
  ['bplist00 broken', /cannot be parsed/],
])('says that %j cannot be read', async (bytes, want) => {
  writeFileSync(path, bytes);
  const { mistakes } = await read();
  expect(mistakes).toEqual([expect.stringMatching(want)]);
  expect(mistakes[0]).not.toContain('\n');
});

test('a missing file is a mistake only when somebody named it', async () => {
  expect(await read(false, false)).toEqual({ mistakes: [] });
  expect(await read(false, true)).toEqual({
    mistakes: [`${path}: found that it cannot be read (ENOENT), expected a readable file`],
  });
});

test('neither a directory nor a FIFO is read', async () => {
  mkdirSync(path);
  expect((await read()).mistakes).toEqual([`${path}: found something else, expected a regular file`]);
  rmSync(path, { recursive: true });
  execFileSync('/usr/bin/env', ['mkfifo', path]);
  expect((await read()).mistakes).toEqual([`${path}: found something else, expected a regular file`]);
});

test.skipIf(process.getuid?.() !== 0)(
  'root reads nothing from where somebody else can put another file',
  async () => {
    writeFileSync(path, JSON.stringify(content));
    chmodSync(dirname(path), 0o777);
    expect((await read(true)).mistakes).toEqual([
      `${path}: found it behind ${dirname(path)}, which others than root can change, expected a file that only root can replace (chown root, chmod go-w)`,
    ]);
    expect(await read(false)).toEqual({ ...values, mistakes: [] });
  },
);

test.skipIf(process.getuid?.() !== 0)('root reads only what nobody else can write', async () => {
  writeFileSync(path, JSON.stringify(content));
  for (const mode of [0o664, 0o646, 0o666]) {
    chmodSync(path, mode);
    expect((await read(true)).mistakes).toEqual([
      `${path}: found owner uid 0 and mode 0${mode.toString(8)}, expected a file that only root can write (chown root, chmod go-w)`,
    ]);
    expect(await read(false)).toEqual({ ...values, mistakes: [] });
  }
  chmodSync(path, 0o644);
  expect(await read(true)).toEqual({ ...values, mistakes: [] });
  chownSync(path, 65_534, 0);
  expect((await read(true)).mistakes).toEqual([expect.stringContaining('owner uid 65534')]);
});

test('managed preferences win over the own file, also over --config', () => {
  expect(configFiles({ kind: 'macos' }).map((file) => file.path)).toEqual([
    '/Library/Preferences/org.roamhome.plist',
    '/Library/Managed Preferences/org.roamhome.plist',
  ]);
  expect(configFiles({ kind: 'macos', file: '/x' })[0]).toEqual({ path: '/x', required: true });
  expect(configFiles({ kind: 'linux' })).toEqual([{ path: '/etc/roamhome/config.json', required: false }]);
  expect(configFiles({ kind: 'linux', file: '/x' })).toEqual([{ path: '/x', required: true }]);
});

test('loads a file and flags over the defaults', async () => {
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  const request = { kind: 'linux', hostName: 'mac7', file: path, trustOnlyRoot: false } as const;
  const { config, origins } = await loadConfig({ ...request, set: ['server.port=3'] });
  expect(config.server).toMatchObject({ address: 'a.example', port: 3, user: 'zfs_mobile_sync' });
  expect(origins.get('server.address')).toBe(path);
  expect(origins.get('server.port')).toBe('--set');
  expect(origins.get('local.macName')).toBe('default');
});

test('tells the mistakes of file and flags together, and goes on without them', async () => {
  writeFileSync(path, '{"server":{"port":0}}');
  const request = { kind: 'linux', hostName: 'mac7', file: path, trustOnlyRoot: false } as const;
  const { config, mistakes } = await loadConfig({ ...request, set: ['x=1'] });
  expect(mistakes).toMatchObject([
    { source: path, key: 'server.port', found: '0' },
    { source: '--set', key: 'x', found: 'an unknown key' },
  ]);
  expect(config.server.port).toBe(22);
});

test('a binary property list as plutil and Python write it', async () => {
  // plistlib.dumps({'server': {'port': 2222}, 'policies': {'createOnServer': True}, 'zfsPath': ['/a']}, fmt=FMT_BINARY)
  const bytes = Buffer.from(
    'YnBsaXN0MDDTAQIDBAcKWHBvbGljaWVzVnNlcnZlcld6ZnNQYXRo0QUGXmNyZWF0ZU9uU2VydmVyCdEICVRwb3J0EQiuoQtSL2EIDxgfJyo5Oj1CRUcAAAAAAAABAQAAAAAAAAAMAAAAAAAAAAAAAAAAAAAASg==',
    'base64',
  );
  expect(await parseContent(bytes)).toEqual({
    server: { port: 2222 },
    policies: { createOnServer: true },
    zfsPath: ['/a'],
  });
});
