import { expect, test } from 'vitest';
import { Cleanup } from '../../../src/demo/cleanup.ts';
import { createNarrator, wrap } from '../../../src/demo/narrator.ts';
import { checkRealZfs } from '../../../src/demo/zfs-stage.ts';
import { spawnError } from '../../../src/host/command-errors.ts';
import type { CommandResult, Host } from '../../../src/host/host.ts';

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

test.each([
  ['a line that fits stays, columns and all', 'NAME   USED', 'NAME   USED'],
  ['80 columns fit', words(16) + 'x', words(16) + 'x'],
  ['one more does not', `${words(16)} x`, `${words(16)}\n  x`],
  ['the indentation is kept, and two more', `  ${words(17)}`, `  ${words(15)}\n    word word`],
  ['a word that is too long has a line of its own', `a ${'x'.repeat(90)} b`, `a\n  ${'x'.repeat(90)}\n  b`],
])('%s', (_name, line, wrapped) => {
  expect(wrap(line)).toBe(wrapped);
});

test.each([
  [true, '\n\u001b[1mhello\u001b[0m\n  mac-a$ zfs list\n    NAME\n'],
  [false, '\nhello\n  mac-a$ zfs list\n    NAME\n'],
])('with emphasis: %s', (emphasis, told) => {
  let text = '';
  const narrator = createNarrator((piece) => (text += piece), emphasis);
  narrator.tell('hello');
  narrator.command('mac-a', 'zfs list');
  narrator.output('NAME\n');
  narrator.output('\n');
  expect(text).toBe(told);
});

/** A machine on which `zpool list` ends so; null: it has no zpool. */
function hostWith(result: Partial<CommandResult> | null): Host {
  const ended = { stdout: '', stderr: '', exitCode: 0, signal: null, ...result };
  const noZpool = Object.assign(new Error('spawn zpool ENOENT'), { code: 'ENOENT' });
  return {
    run: (argv) =>
      result === null ? Promise.reject(spawnError(argv, '/sbin', noZpool)) : Promise.resolve(ended),
  } as Pick<Host, 'run'> as Host;
}

const noModule = 'The ZFS modules cannot be auto-loaded.\nTry running modprobe zfs\n';
test.each([
  ['not root', 501, {}, 'not-root', /only root/],
  ['no uid at all', undefined, {}, 'not-root', /only root/],
  ['no zpool', 0, null, 'zfs-not-installed', /there is no zpool/],
  ['no module', 0, { exitCode: 1, stderr: noModule }, 'command-failed', /says: The ZFS modules[^\n]*$/],
  ['left over', 0, { stdout: 'data\nroamhome-demo-server\n' }, 'command-failed', /: roamhome-demo-server$/],
])('--zfs refuses: %s', async (_name, euid, result, code, message) => {
  await expect(checkRealZfs(hostWith(result), euid)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

test('--zfs goes ahead beside pools of others', async () => {
  await expect(checkRealZfs(hostWith({ stdout: 'data\nroamhome-demo\n' }), 0)).resolves.toBeUndefined();
});

test('the newest goes first, and what cannot go stops nothing', async () => {
  const gone: string[] = [];
  const cleanup = new Cleanup();
  cleanup.add('the folder', () => void gone.push('folder'));
  cleanup.add('the pool', () => Promise.reject(new Error('pool is busy')));
  cleanup.add('the server', () => void gone.push('server'));
  expect(await cleanup.run()).toEqual(['cannot remove the pool: pool is busy']);
  expect(gone).toEqual(['server', 'folder']);
});
