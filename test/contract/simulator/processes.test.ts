import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { powerCut } from '../../../src/simulator/files/files.ts';
import { createStore, openStore } from '../../../src/simulator/store.ts';
import { bundle } from '../../support/bundle.ts';

let program: Awaited<ReturnType<typeof bundle>>;
let directory: string;
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));

beforeAll(async () => {
  program = await bundle('simulator/main.ts');
});

afterAll(() => {
  program.remove();
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulator-'));
  createStore(join(directory, 'state'), {
    pools: ['data'],
    base: join(directory, 'root'),
    superuser: userInfo().username,
  });
  return () => {
    rmSync(directory, { recursive: true });
  };
});

const env = (): NodeJS.ProcessEnv => ({ ROAMHOME_SIMULATOR: join(directory, 'state') });
const at = (path: string): string => join(directory, 'root', path);

function zfs(words: string, input?: Buffer): { status: number | null; stdout: Buffer; stderr: string } {
  const ran = spawnSync(process.execPath, [program.path, ...words.split(' ')], { env: env(), input });
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr.toString() };
}

function ok(words: string, input?: Buffer): Buffer {
  const { status, stdout, stderr } = zfs(words, input);
  expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
  return stdout;
}

function started(words: string): ChildProcess {
  return spawn(process.execPath, [program.path, ...words.split(' ')], {
    env: env(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

test('a mounted dataset is a folder: binary files, modes, links; unmounted it is empty', () => {
  ok('create -o mountpoint=/u data/a');
  writeFileSync(at('u/binary'), bytes);
  chmodSync(at('u/binary'), 0o640);
  chmodSync(at('u'), 0o700);
  utimesSync(at('u/binary'), 1_000_000_000, 1_000_000_000);
  symlinkSync('binary', at('u/link'));
  ok('create data/a/below');
  writeFileSync(at('u/below/file'), 'x');
  ok('snapshot data/a@x data/a/below@x');
  expect(ok('diff -H data/a@x').toString()).toBe('');
  writeFileSync(at('u/binary'), 'changed');
  rmSync(at('u/link'));
  expect(ok('diff -H data/a@x').toString()).toBe('M\t/u/binary\n-\t/u/link\nM\t/u/\n');
  ok('unmount data/a');
  expect(readdirSync(at('u'))).toEqual([]);
  ok('rollback data/a@x');
  ok('mount data/a');
  expect(readFileSync(at('u/binary'))).toEqual(bytes);
  expect(statSync(at('u/binary')).mode & 0o777).toBe(0o640);
  expect(statSync(at('u')).mode & 0o777).toBe(0o700);
  expect(statSync(at('u/binary')).mtimeMs).toBe(1_000_000_000_000);
  expect(readlinkSync(at('u/link'))).toBe('binary');
  expect(readdirSync(at('u/below'))).toEqual([]);
  ok('mount data/a/below');
  expect(readFileSync(at('u/below/file'), 'utf8')).toBe('x');
});

test('what lies where a dataset is to be mounted stays', () => {
  ok('create -o mountpoint=/u -o canmount=noauto data/a');
  ok('create -o mountpoint=/v data/b');
  writeFileSync(at('v/file'), 'mine');
  ok('set mountpoint=/v data/a');
  expect(zfs('mount data/a').stderr).toBe("cannot mount '/v': directory is not empty\n");
  expect(readFileSync(at('v/file'), 'utf8')).toBe('mine');
});

test('a stream from process to process, cut, killed, and gone on with', async () => {
  ok('create -o mountpoint=/u data/a');
  writeFileSync(at('u/binary'), bytes);
  ok('snapshot data/a@x');
  const stream = ok('send data/a@x');
  expect(zfs('receive -s -u data/b', stream.subarray(0, 100_000)).stderr).toContain(
    'Partially received snapshot is saved',
  );
  const rest = (): Buffer =>
    ok(`send -t ${ok('get -Hpo value receive_resume_token data/b').toString().trim()}`);

  const receiver = started('receive -s -u data/b');
  const part = rest().subarray(0, 150_000);
  receiver.stdin?.write(part);
  // It holds no lock while it waits: others go on, and see that it is there.
  while (!zfs('receive -A data/b').stderr.includes('dataset is busy')) await new Promise(setImmediate);
  receiver.kill('SIGTERM');
  expect(await once(receiver, 'close')).toEqual([null, 'SIGTERM']);
  ok('receive -s -u -o canmount=noauto data/b', rest());
  ok('set mountpoint=/b data/b');
  ok('mount data/b');
  expect(readFileSync(at('b/binary'))).toEqual(bytes);
  expect(readdirSync(join(directory, 'state/partial'))).toEqual([]);
});

test('a receive whose process dies without a word waits, too', async () => {
  ok('create -o mountpoint=/u data/a');
  writeFileSync(at('u/binary'), bytes);
  ok('snapshot data/a@x');
  const receiver = started('receive -s -u data/b');
  receiver.stdin?.write(ok('send data/a@x').subarray(0, 100_000));
  while (!zfs('receive -A data/b').stderr.includes('dataset is busy')) await new Promise(setImmediate);
  receiver.kill('SIGKILL');
  await once(receiver, 'close');
  ok('receive -A data/b');
  expect(zfs('list data/b').stderr).toContain('does not exist');
});

test('processes side by side do not get into each other', async () => {
  ok('create data/a');
  const names = Array.from({ length: 6 }, (_, i) => `s${i}`);
  await Promise.all(names.map((name) => once(started(`snapshot data/a@${name}`), 'close')));
  expect(ok('list -H -t snapshot -o name data/a').toString().trim().split('\n').sort()).toEqual(
    names.map((name) => `data/a@${name}`),
  );
  expect(existsSync(join(directory, 'state/lock'))).toBe(false);
});

test('a power cut unmounts, and keeps what was written', () => {
  ok('create -o mountpoint=/u data/a');
  writeFileSync(at('u/file'), 'kept');
  openStore(join(directory, 'state')).transact(powerCut);
  expect(readdirSync(at('u'))).toEqual([]);
  ok('mount data/a');
  expect(readFileSync(at('u/file'), 'utf8')).toBe('kept');
});

test('without a machine it says so, as a zfs without its module', () => {
  const ran = spawnSync(process.execPath, [program.path, 'list'], { env: {} });
  expect(ran.stderr.toString()).toContain('The ZFS modules cannot be auto-loaded');
});
