import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findLinuxProcessStart } from '../../../../src/platform/linux/proc.ts';
import { createLocks, type AcquireLock, type Holder } from '../../../../src/homes/lock/lock.ts';
import { entryName, parseEntryName, parseNote } from '../../../../src/homes/lock/lock-entry.ts';
import { bundle } from '../../../support/bundle.ts';

let stateDir: string;
let entries: string;
let acquire: AcquireLock;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'roamhome-lock-'));
  entries = join(stateDir, 'locks', 'alice');
  acquire = createLocks({ stateDir, findProcessStart: fakeStart });
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

// Process 1 and this one live.
const fakeStart = (pid: number) => Promise.resolve(pid === process.pid ? 'now' : pid === 1 ? 'boot' : null);
const request = { user: 'alice', what: 'login', waitMs: 0 };
const leave = (name: string, content = '') => {
  mkdirSync(entries, { recursive: true, mode: 0o700 });
  writeFileSync(join(entries, name), content);
};

test.each([
  ['12-now-0123456789abcdef', { pid: 12, start: 'now' }],
  ['12-3f2b.77-0123456789abcdef', { pid: 12, start: '3f2b.77' }],
  ['.DS_Store', null],
  ['12-now-xyz', null],
  ['-now-0123456789abcdef', null],
  ['12--0123456789abcdef', null],
])('the entry %s', (file, want) => {
  expect(parseEntryName(file)).toEqual(want === null ? null : { file, ...want });
});

test('an entry’s name is read as it was made', () => {
  const file = entryName(7, 'Fri_Nov_20_06_45_00_2026', '00112233445566ff');
  expect(parseEntryName(file)).toEqual({ file, pid: 7, start: 'Fri_Nov_20_06_45_00_2026' });
});

test.each([
  ['{"pid":1,"what":"login","since":"x"}', { pid: 1, what: 'login', since: 'x' }],
  ['{"pid":1,"wha', null],
  ['', null],
  ['null', null],
  ['{"pid":"1","what":"login","since":"x"}', null],
])('the note %s', (text, want) => {
  expect(parseNote(text)).toEqual(want);
});

describe('one process', () => {
  test('takes the lock and gives it back', async () => {
    const release = await acquire(request);
    expect(readdirSync(entries)).toHaveLength(1);
    const [file = ''] = readdirSync(entries);
    expect(statSync(join(entries, file)).mode & 0o777).toBe(0o600);
    expect(statSync(entries).mode & 0o777).toBe(0o700);
    await release();
    await release();
    expect(readdirSync(entries)).toEqual([]);
    await (
      await acquire(request)
    )();
  });

  test('is not let in twice, and is told who holds it', async () => {
    const release = await acquire({ ...request, what: 'logout' });
    await expect(acquire(request)).rejects.toMatchObject({
      code: 'locked',
      retryable: true,
      message: expect.stringMatching(
        new RegExp(
          `^another run for alice is under way: process ${process.pid} \\(logout, since 20..-.*Z\\)$`,
        ),
      ) as string,
    });
    await release();
  });

  test('other users do not wait', async () => {
    const release = await acquire(request);
    await (
      await acquire({ ...request, user: 'bob' })
    )();
    await release();
  });

  test('waits until the lock is given back, and says so once', async () => {
    const release = await acquire(request);
    const holders: Holder[] = [];
    const onWait = (holder: Holder) => {
      holders.push(holder);
      void release();
    };
    const second = await acquire({ ...request, waitMs: 60_000, onWait });
    expect(holders).toEqual([expect.objectContaining({ pid: process.pid, what: 'login' })]);
    await second();
  });

  test('stops waiting when it is aborted', async () => {
    const release = await acquire(request);
    const abort = new AbortController();
    const waiting = acquire({
      ...request,
      waitMs: 60_000,
      signal: abort.signal,
      onWait: () => {
        abort.abort();
      },
    });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect(acquire({ ...request, signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(entries)).toHaveLength(1);
    await release();
  });

  test('what dead processes left is no obstacle, and is cleared away', async () => {
    leave('4000000-x-0000000000000001', '{"pid":4000000,');
    leave('1-before_the_restart-0000000000000002');
    leave(`${process.pid}-a_process_before_with_this_pid-0000000000000003`);
    const release = await acquire(request);
    expect(readdirSync(entries)).toHaveLength(1);
    await release();
  });

  test('a live holder counts even if its note is half written', async () => {
    leave('1-boot-0000000000000001', '{"pid":1,"wh');
    await expect(acquire(request)).rejects.toMatchObject({
      code: 'locked',
      message: 'another run for alice is under way: process 1',
    });
  });

  test('another file is no claim', async () => {
    leave('.DS_Store');
    await (
      await acquire(request)
    )();
    expect(readdirSync(entries)).toEqual(['.DS_Store']);
  });

  test('leaves no claim behind when the processes cannot be listed', async () => {
    let calls = 0;
    const findProcessStart = (pid: number) => {
      calls += 1;
      // The first call is for this process; then somebody’s entry appears, and ps fails.
      if (calls === 1) leave('1-boot-0000000000000001');
      return pid === 1 ? Promise.reject(new Error('ps is gone')) : fakeStart(pid);
    };
    await expect(createLocks({ stateDir, findProcessStart })(request)).rejects.toThrow('ps is gone');
    expect(readdirSync(entries)).toEqual(['1-boot-0000000000000001']);
  });

  test('an unsafe name reaches no path', async () => {
    await expect(acquire({ ...request, user: '../../etc' })).rejects.toMatchObject({
      code: 'user-name-invalid',
    });
  });
});

describe('the directory', () => {
  test('may not be a symbolic link', async () => {
    mkdirSync(join(stateDir, 'locks'), { mode: 0o700 });
    symlinkSync(tmpdir(), entries);
    await expect(acquire(request)).rejects.toMatchObject({ code: 'state-unusable' });
  });

  test('may not be writable by others, on any level', async () => {
    await (
      await acquire(request)
    )();
    for (const path of [stateDir, join(stateDir, 'locks'), entries]) {
      chmodSync(path, 0o720);
      await expect(acquire(request)).rejects.toMatchObject({ code: 'state-unusable' });
      chmodSync(path, 0o700);
    }
  });

  test('may not be a file', async () => {
    mkdirSync(join(stateDir, 'locks'), { mode: 0o700 });
    writeFileSync(entries, '');
    await expect(acquire(request)).rejects.toMatchObject({ code: 'state-unusable' });
  });
});

describe.runIf(process.platform === 'linux')('several processes', () => {
  let library: Awaited<ReturnType<typeof bundle>>;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    library = await bundle('homes/lock/lock.ts', 'platform/linux/proc.ts');
  });
  afterAll(() => {
    library.remove();
  });
  beforeEach(() => {
    acquire = createLocks({ stateDir, findProcessStart: findLinuxProcessStart });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const start = (body: string) => {
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { setImmediate } from 'node:timers/promises';
      import { createLocks, findLinuxProcessStart } from ${JSON.stringify(library.path)};
      const acquire = createLocks({ stateDir: ${JSON.stringify(stateDir)}, findProcessStart: findLinuxProcessStart });
      ${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const hold = async () => {
    const child = start(`
      await acquire({ user: 'alice', what: 'logout', waitMs: 0 });
      console.log('held');
      setInterval(() => undefined, 1000);`);
    await once(child.stdout, 'data');
    return child;
  };

  test('never two at a time', { timeout: 120_000 }, async () => {
    const counter = join(stateDir, 'counter');
    writeFileSync(counter, '0');
    const runs = Array.from({ length: 8 }, () =>
      start(`
        for (let i = 0; i < 50; i++) {
          const release = await acquire({ user: 'alice', what: 'count', waitMs: 110_000 });
          const seen = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
          await setImmediate();
          writeFileSync(${JSON.stringify(counter)}, String(seen + 1));
          await release();
        }`),
    );
    const codes = await Promise.all(runs.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).toEqual(Array(8).fill(0));
    expect(readFileSync(counter, 'utf8')).toBe('400');
    expect(readdirSync(entries)).toEqual([]);
  });

  test('a holder that was killed is no obstacle', async () => {
    const child = await hold();
    await expect(acquire(request)).rejects.toMatchObject({ code: 'locked' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (
      await acquire(request)
    )();
    expect(existsSync(entries)).toBe(true);
  });

  test('a holder that is stopped still holds', async () => {
    const child = await hold();
    child.kill('SIGSTOP');
    await expect(acquire({ ...request, waitMs: 100 })).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${child.pid} (logout, since `) as string,
    });
  });
});
