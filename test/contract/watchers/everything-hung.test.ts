import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRoamingMac, type RoamingMac } from '../../support/roaming-mac.ts';

// A whole logout of several snapshots, while everybody who shows it hangs, or is dead.
describe.runIf(process.getuid?.() === 0)('all who watch at once', { timeout: 180_000 }, () => {
  let mac: RoamingMac;
  const at = (name: string): string => join(mac.directory, name);
  beforeAll(async () => {
    mac = await createRoamingMac({ alice: 4, bob: 4, carol: 4 });
  });
  afterAll(async () => {
    await mac.remove();
  });

  /**
   * swiftDialog's place is taken by a program that does this. The home is sent once it has begun, which is not at once: a run that
   * is over before has no window.
   */
  const dialogThat = (does: string, user: string): string => {
    const program = at(`dialog-${user}`);
    writeFileSync(at(`hold-${user}`), '');
    writeFileSync(program, `#!/bin/sh\nrm '${at(`hold-${user}`)}'\n${does}\n`, { mode: 0o755 });
    return program;
  };
  const snapshotsOf = async (user: string): Promise<readonly string[]> =>
    (
      await mac.server
        .zfs('list', '-H', '-t', 'snapshot', '-o', 'name', '-r', `data/profiles/${user}`)
        .catch(() => '')
    )
      .split('\n')
      .filter((name) => name !== '');
  const whole = (user: string) =>
    [1, 2, 3].map((session) => `data/profiles/${user}@roamhome-20261120T0${session}4500.123Z-mac7`);
  const isFree = (user: string): boolean => !existsSync(at(`state/${user}.lock`));

  /** A pipe that takes nothing more, and nobody reads. */
  function fullPipe() {
    execFileSync('mkfifo', [at('pipe')]);
    const descriptor = openSync(at('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    let filled = 0;
    try {
      for (;;) filled += writeSync(descriptor, Buffer.alloc(4096));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
    const read = (): string => {
      const buffer = Buffer.alloc(filled + 65_536);
      try {
        return buffer.toString('utf8', 0, readSync(descriptor, buffer)).replaceAll('\0', '');
      } catch {
        return '';
      }
    };
    return {
      end: openSync(at('pipe'), constants.O_WRONLY),
      read,
      close: () => {
        closeSync(descriptor);
      },
    };
  }

  test('a hung window, a full pipe for all that is said, nowhere for status file and log: all is sent', async () => {
    const pipe = fullPipe();
    const child = spawn(
      join(mac.bin, 'roamhome'),
      [
        ...['logout', 'alice', '--set', `progress.dialogProgram=${dialogThat('kill -STOP $$', 'alice')}`],
        // No directory can be made there, and no log: that one ends in the system log, which is not there either.
        ...['--set', 'progress.statusDir=/dev/null/status', '--set', 'log.file=/dev/null/log'],
      ],
      { stdio: ['ignore', pipe.end, pipe.end] },
    );
    const exit = once(child, 'exit');
    try {
      await vi.waitFor(
        async () => {
          expect([await snapshotsOf('alice'), isFree('alice')]).toEqual([whole('alice'), true]);
        },
        { timeout: 120_000, interval: 500 },
      );
      // What it has to say waits for a reader; nobody waits for it.
      let said = '';
      await vi.waitFor(
        () => {
          said += pipe.read();
          expect(said).toMatch(/logout of alice: sent/);
        },
        { timeout: 30_000, interval: 100 },
      );
      expect(await exit).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      closeSync(pipe.end);
      pipe.close();
    }
  });

  test('a window that dies, nobody at the other end of the pipe, a file in the way of the status: all is sent', async () => {
    writeFileSync(at('in-the-way'), '');
    const child = spawn(
      join(mac.bin, 'roamhome'),
      [
        ...['logout', 'bob', '--set', `progress.dialogProgram=${dialogThat('exit 1', 'bob')}`],
        ...['--set', `progress.statusDir=${at('in-the-way')}`, '--set', 'log.file=/dev/full'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect([await snapshotsOf('bob'), isFree('bob')]).toEqual([whole('bob'), true]);
  });

  test('a terminal that takes nothing: all is sent, and what there is to say comes once it does', async () => {
    mkdirSync(at('status'), { recursive: true });
    const [ready, go] = [at('ready'), at('go')];
    // Fills the terminal first.
    const shell = `touch ${ready}; until [ -e ${go} ]; do sleep 0.1; done
dd if=/dev/zero of=/dev/tty bs=4096 count=64 oflag=nonblock 2>/dev/null
exec ${join(mac.bin, 'roamhome')} logout carol --set progress.dialogProgram=${dialogThat('kill -STOP $$', 'carol')}`;
    const script = spawn('script', ['-qec', shell, at('typescript')], { stdio: 'ignore' });
    const exit = once(script, 'exit');
    try {
      await vi.waitFor(() => {
        expect(existsSync(ready)).toBe(true);
      }, 30_000);
      script.kill('SIGSTOP');
      writeFileSync(go, '');
      await vi.waitFor(
        async () => {
          expect([await snapshotsOf('carol'), isFree('carol')]).toEqual([whole('carol'), true]);
        },
        { timeout: 120_000, interval: 500 },
      );
    } finally {
      script.kill('SIGCONT');
    }
    expect(await exit).toEqual([0, null]);
  });
});
