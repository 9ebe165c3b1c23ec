import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalHost } from '../../../src/host/local.ts';
import { createLinuxPlatform } from '../../../src/platform/linux/linux-platform.ts';
import { findLinuxProcessStart } from '../../../src/platform/linux/proc.ts';

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
