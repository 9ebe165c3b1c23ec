import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalHost } from '../../../src/host/local.ts';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import { findLinuxProcessStart } from '../../../src/platform/linux/proc.ts';
import { createRunningPrograms } from '../../../src/platform/linux/running-programs.ts';

// The real getent, id and /proc of this machine.
const host = createLocalHost({ name: 'this Mac', path: ['/usr/sbin', '/sbin', '/usr/bin', '/bin'] });
const platform = createLinuxPlatform(host);
const isRoot = process.getuid?.() === 0;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A shell that has come as far as to print a line. */
async function startShell(script: string, uid: number): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', script], {
    uid,
    gid: uid,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe.runIf(process.platform === 'linux')('Linux', () => {
  test('finds accounts', async () => {
    expect(await platform.findAccount('root')).toEqual({ name: 'root', uid: 0, gid: 0, home: '/root' });
    expect(await platform.findAccount('roamhome-nobody-here')).toBeNull();
    expect(await platform.findAccount('0')).toBeNull();
  });

  test('finds members', async () => {
    expect(await platform.isMember('root', 'root')).toBe(true);
    expect(await platform.isMember('daemon', 'root')).toBe(false);
    await expect(platform.isMember('root', 'no such group')).rejects.toMatchObject({
      code: 'group-unknown',
    });
    await expect(platform.isMember('roamhome-nobody-here', 'root')).rejects.toMatchObject({
      code: 'user-unknown',
    });
  });

  test('a process is told from others by its start', async () => {
    const own = await findLinuxProcessStart(process.pid);
    expect(own).toMatch(/^[0-9a-f]{12}\.\d+$/);
    expect(await findLinuxProcessStart(process.pid)).toBe(own);
    expect(await findLinuxProcessStart(1)).not.toBe(own);
    // Beyond pid_max of every kernel.
    expect(await findLinuxProcessStart(2 ** 30)).toBeNull();
  });

  test.runIf(isRoot)('ends the processes of a user and of nobody else', async () => {
    const uid = 54_321;
    const obedient = await startShell('echo ready; read x', uid);
    const stubborn = await startShell("trap '' TERM; echo ready; while :; do read x; done", uid);
    const other = await startShell('echo ready; read x', uid + 1);
    const ended = Promise.all([once(obedient, 'exit'), once(stubborn, 'exit')]);
    const account = { name: 'somebody', uid, gid: uid };
    // Long enough for the obedient one to go on a busy machine.
    expect(await platform.endProcesses(account, { graceMs: 3000 })).toBe(1);
    expect(await ended).toEqual([
      [null, 'SIGTERM'],
      [null, 'SIGKILL'],
    ]);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    expect(await platform.endProcesses(account, { graceMs: 300 })).toBe(0);
  });
});

describe('programs that others started', () => {
  /** Stands for zfs: its words are the real ones, and it waits until it is ended. */
  async function receive(script: string): Promise<ChildProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'roamhome-programs-'));
    chmodSync(directory, 0o755);
    writeFileSync(join(directory, 'receive'), script, { mode: 0o755 });
    const user = isRoot ? { uid: 65_534, gid: 65_534 } : {};
    const child = spawn('/bin/sh', ['receive', '-u', '-s', 'data/profiles/alice'], {
      ...{ argv0: '/usr/sbin/zfs', cwd: directory, ...user },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    rmSync(directory, { recursive: true });
    return child;
  }

  test.each([
    ['one that ends when it is asked to', 'echo up; read line', 'SIGTERM'],
    ['one that does not', 'trap "" TERM; echo up; while :; do read line; done', 'SIGKILL'],
  ])('are seen with their words, user and age, and ended: %s', async (_what, script, signal) => {
    const child = await receive(script);
    const programs = createRunningPrograms();
    const found = [...(await programs.list())].find(({ pid }) => pid === child.pid);
    expect(found).toMatchObject({
      uid: isRoot ? 65_534 : process.getuid?.(),
      argv: ['/usr/sbin/zfs', 'receive', '-u', '-s', 'data/profiles/alice'],
    });
    expect(found?.ageMs).toBeGreaterThanOrEqual(0);
    expect(found?.ageMs).toBeLessThan(600_000);
    if (found === undefined) throw new Error('not found');

    // Another process with its number: nothing is sent to it.
    expect(await programs.end({ ...found, start: 'another.1' })).toBe(false);
    expect(child.exitCode ?? child.signalCode).toBe(null);

    const ended = once(child, 'exit');
    expect(await programs.end(found)).toBe(true);
    expect(await ended).toEqual([null, signal]);
  });
});
