import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerConfig } from '../../../../src/cli/config/command.ts';
import { runProgram } from '../../../../src/cli/framework/program.ts';
import { fakeContext } from '../../../support/cli/fake-context.ts';

let [folder, file] = ['', ''];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roamhome-config-'));
  file = join(folder, 'config.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function config(...words: readonly string[]) {
  const { context, printed, exitCode } = fakeContext();
  await runProgram(['config', ...words, '--config', file], context, [registerConfig]);
  return { text: printed(), exitCode: exitCode() };
}

const write = (settings: unknown, mode = 0o640) => {
  writeFileSync(file, JSON.stringify(settings));
  chmodSync(file, mode);
};
const read = () => JSON.parse(readFileSync(file, 'utf8')) as unknown;

describe('config set', () => {
  test('keeps all else that is in the file, and its mode', async () => {
    write({ server: { address: 'server.example', later: 1 }, another: 'x' });
    const { text } = await config('set', 'server.port', '2222');
    expect(text).toBe(`${file}: server.port set to 2222 (before: 22)`);
    expect(read()).toEqual({ server: { address: 'server.example', later: 1, port: 2222 }, another: 'x' });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['config.json']);
  });

  test('makes a file that is not there, which everybody may read', async () => {
    await config('set', 'server.address', 'server.example');
    expect(read()).toEqual({ server: { address: 'server.example' } });
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test('leaves a link a link, and changes what it leads to', async () => {
    const target = join(folder, 'real.json');
    writeFileSync(target, '{}');
    symlinkSync(target, file);
    await config('set', 'server.port', '2222');
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual({ server: { port: 2222 } });
  });

  test('writes nothing in a dry run', async () => {
    write({ server: { port: 1 } });
    expect((await config('set', 'server.port', '2', '--dry-run')).text).toContain('would be set to 2');
    expect(read()).toEqual({ server: { port: 1 } });
    rmSync(file);
    await config('set', 'server.port', '2', '--dry-run');
    expect(existsSync(file)).toBe(false);
  });

  test('replaces no file whose content is the same already', async () => {
    write({ server: { port: 2 } });
    const before = statSync(file);
    expect((await config('set', 'server.port', '2')).text).toContain('server.port is 2 already');
    expect(statSync(file).ino).toBe(before.ino);
  });

  test.each([
    ['server.prt', '1', 'there is no setting server.prt', 'Did you mean server.port?'],
    ['server', '1', /^server is a group of settings: server.address, /, 'Run `roamhome config show`'],
    ['server.port', 'high', 'server.port does not take "high"', 'Give it a TCP port, 1 to 65535.'],
    ['thinning.schedule', 'sometimes', /thinning.schedule does not take/, 'a schedule such as'],
    ['zfsPath', '/a b', /zfsPath does not take/, 'Give it'],
  ])('%s=%s is a mistake of usage, and writes nothing', async (key, value, message, remedy) => {
    await expect(config('set', key, value)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message) as unknown,
      remedy: expect.stringContaining(remedy) as unknown,
    });
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['not JSON {', 'what cannot be parsed'],
    ['<plist version="1.0"><dict/></plist>', 'property list'],
    ['{"server": "x"}', 'server is no group of settings'],
  ])('leaves a file alone that it cannot keep: %s', async (content, message) => {
    writeFileSync(file, content);
    chmodSync(file, 0o600);
    await expect(config('set', 'server.port', '2')).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining(message) as unknown,
    });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  test('as root writes to no file that others can change', { skip: process.geteuid?.() !== 0 }, async () => {
    write({}, 0o666);
    await expect(config('set', 'server.port', '2')).rejects.toMatchObject({
      message: expect.stringContaining('only root can write') as unknown,
    });
    expect(read()).toEqual({});
  });

  test('says which jobs have to be installed again', async () => {
    write({});
    expect((await config('set', 'jobs.thinAt', '12:30')).text).toContain('Run `roamhome install`');
  });
});

describe('config get', () => {
  test('prints the bare value, as set takes it', async () => {
    write({ server: { address: 'server.example' }, zfsPath: ['/a', '/b'] });
    expect(await config('get', 'server.address')).toEqual({ text: 'server.example', exitCode: 0 });
    expect(await config('get', 'zfsPath')).toEqual({ text: '/a:/b', exitCode: 0 });
    expect(await config('get', 'directory.url')).toEqual({ text: '', exitCode: 0 });
    expect(JSON.parse((await config('get', 'server.address', '--json')).text)).toMatchObject({
      ...{ key: 'server.address', value: 'server.example', source: file },
    });
  });

  test('ends with 78 where another value stands in for a wrong one', async () => {
    write({ server: { port: 'x' } });
    expect(await config('get', 'server.port')).toEqual({ text: '22', exitCode: 78 });
  });

  test('a name that no setting has is a mistake of usage', async () => {
    write({});
    await expect(config('get', 'port')).rejects.toMatchObject({
      code: 'usage',
      remedy: expect.stringContaining('Did you mean') as unknown,
    });
  });
});

describe('config check', () => {
  test('tells all mistakes at once, and shows no secret', async () => {
    const wrong = { bindSecretFile: 'hunter2', url: 'ldaps://admin:hunter3@ldap.example' };
    write({ server: { port: 'x', prot: 1 }, directory: { ...wrong, bindPassword: 'hunter4' } });
    const { text, exitCode } = await config('check');
    expect(text.split('\n')).toHaveLength(5);
    for (const key of ['server.port', 'server.prot', 'directory.bindSecretFile', 'directory.url'])
      expect(text).toContain(key);
    expect(text + (await config('check', '--json')).text).not.toContain('hunter');
    expect(text + (await config('show')).text).not.toContain('hunter');
    expect(exitCode).toBe(78);
  });

  test('a setting that this version does not know is a warning', async () => {
    write({ server: { prot: 1 } });
    const { text, exitCode } = await config('check');
    expect(text).toContain('knows no setting server.prot');
    expect(exitCode).toBe(0);
  });

  test('says that there is no mistake, and in which file', async () => {
    write({ server: { port: 2 } });
    expect(await config('check')).toEqual({ text: `No mistake in ${file}.`, exitCode: 0 });
  });
});

test('config path prints the file that config set writes', async () => {
  expect((await config('path')).text).toBe(file);
  expect(JSON.parse((await config('path', '--json')).text)).toMatchObject({ path: file });
});

test('the new text is another file until it is whole', () => {
  write({ server: { port: 1 } });
  const link = join(folder, 'same');
  execFileSync('ln', [file, link]);
  return config('set', 'server.port', '2').then(() => {
    expect(JSON.parse(readFileSync(link, 'utf8'))).toEqual({ server: { port: 1 } });
    expect(read()).toEqual({ server: { port: 2 } });
  });
});
