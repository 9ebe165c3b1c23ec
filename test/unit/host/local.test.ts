import { once } from 'node:events';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Argv } from '../../../src/host/host.ts';
import { createLocalHost } from '../../../src/host/local.ts';

const host = createLocalHost({ name: 'this Mac', path: ['/usr/bin', '/bin'], env: { TZ: 'UTC' } });
const sh = (script: string): Argv => ['sh', '-c', script];

/** Resolves when the command has printed its first stderr line: it runs, and its traps are set. */
const firstLine = (command: { onStderrLine(listener: (line: string) => void): void }): Promise<string> =>
  new Promise((resolve) => {
    command.onStderrLine(resolve);
  });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('run', () => {
  test.each<[string, Argv, object]>([
    ['stdout as it is', ['printf', 'a\\n\\n'], { stdout: 'a\n\n', stderr: '', exitCode: 0, signal: null }],
    ['stderr', sh('echo no >&2; exit 3'), { stdout: '', stderr: 'no\n', exitCode: 3, signal: null }],
    ['exit 255', sh('exit 255'), { stdout: '', stderr: '', exitCode: 255, signal: null }],
    ['a signal', sh('kill -9 $$'), { stdout: '', stderr: '', exitCode: null, signal: 'SIGKILL' }],
    ['words as they are', ['printf', '%s', '$HOME;"a b"'], { stdout: '$HOME;"a b"', exitCode: 0 }],
    ['no input', ['cat'], { stdout: '', exitCode: 0 }],
    ['letters outside ASCII', ['printf', 'zoë'], { stdout: 'zoë', exitCode: 0 }],
    ['the root directory', ['pwd'], { stdout: '/\n', exitCode: 0 }],
  ])('%s', async (_name, argv, result) => {
    expect(await host.run(argv)).toMatchObject(result);
  });

  test('the command sees PATH, LC_ALL and what was given, and nothing of the parent', async () => {
    vi.stubEnv('ROAMHOME_TEST_SECRET', 'secret');
    const { stdout } = await host.run(['env']);
    expect(stdout.trimEnd().split('\n').sort()).toEqual(['LC_ALL=C', 'PATH=/usr/bin:/bin', 'TZ=UTC']);
  });

  test('8 MiB of output', async () => {
    const { stdout } = await host.run(sh('head -c 8388608 /dev/zero'));
    expect(stdout.length).toBe(8_388_608);
  });

  test('a program that is nowhere', async () => {
    await expect(host.run(['no-such-program'])).rejects.toMatchObject({
      code: 'command-failed',
      message: 'cannot start no-such-program: it is not in any of /usr/bin:/bin',
    });
  });

  test('zfs that is nowhere', async () => {
    const bare = createLocalHost({ name: 'this Mac', path: ['/nonexistent'] });
    await expect(bare.run(['zfs', 'list'])).rejects.toMatchObject({ code: 'zfs-not-installed' });
    await expect(bare.stream(['zfs', 'list'])).rejects.toMatchObject({ code: 'zfs-not-installed' });
    // The same where programs are looked for by something else.
    const lookedFor = createLocalHost({ name: 'this Mac', path: ['/usr/sbin'], locate: () => null });
    const missing = { code: 'zfs-not-installed', message: 'zfs is not in any of /usr/sbin' };
    await expect(lookedFor.run(['zfs', 'list'])).rejects.toMatchObject(missing);
    await expect(lookedFor.stream(['zfs', 'list'])).rejects.toMatchObject(missing);
  });

  test('a time limit', async () => {
    await expect(host.run(['sleep', '60'], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('a signal aborted before, and meanwhile', async () => {
    const before = AbortSignal.abort();
    await expect(host.run(['sleep', '60'], { signal: before })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(host.stream(['sleep', '60'], { signal: before })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const controller = new AbortController();
    const command = host.run(['sleep', '60'], { signal: controller.signal });
    controller.abort();
    await expect(command).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('stream', () => {
  test('in and out, and stderr twice', async () => {
    const command = await host.stream(sh('echo one >&2; cat; echo two >&2; exit 4'));
    const lines: string[] = [];
    command.onStderrLine((line) => lines.push(line));
    command.stdin.end('hello');
    expect(await text(command.stdout)).toBe('hello');
    expect(await command.done).toEqual({ stdout: '', stderr: 'one\ntwo\n', exitCode: 4, signal: null });
    expect(lines).toEqual(['one', 'two']);
  });

  test('what was printed before anybody reads is not lost', async () => {
    const command = await host.stream(sh('printf early; echo printed >&2; cat'));
    await firstLine(command);
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    command.stdin.end();
    expect(await text(command.stdout)).toBe('early');
  });

  // A send of a few KiB ends before a busy server has started its receiver.
  test.each([5, 100_000, 1_000_000])(
    '%d bytes of a command that ends before anybody reads are not lost',
    async (bytes) => {
      const command = await host.stream(sh(`echo on >&2; head -c ${bytes} /dev/zero`));
      await firstLine(command);
      await delay(300);
      const [, read] = await Promise.all([command.done, buffer(command.stdout)]);
      expect(read.length).toBe(bytes);
    },
  );

  test('a command that ends without reading its input', async () => {
    const command = await host.stream(sh('exit 1'));
    command.stdout.resume();
    expect(await command.done).toMatchObject({ exitCode: 1 });
    const error = new Promise<Error | null | undefined>((resolve) => {
      command.stdin.write('late', resolve);
    });
    expect(await error).toBeInstanceOf(Error);
  });

  test('kill ends it, with a result', async () => {
    const command = await host.stream(['sleep', '60']);
    command.kill();
    command.kill();
    expect(await command.done).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('kill has an end that nobody has read come', async () => {
    const command = await host.stream(sh('echo $$ >&2; printf unread; exit 3'));
    const pid = Number(await firstLine(command));
    await vi.waitFor(() => {
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    }, 30_000);
    command.kill();
    expect(await command.done).toMatchObject({ exitCode: 3 });
  });

  test('abort ends it, though nobody reads its output; the output fails', async () => {
    const controller = new AbortController();
    const command = await host.stream(sh('echo on >&2; exec cat /dev/zero'), { signal: controller.signal });
    await firstLine(command);
    const failed = once(command.stdout, 'error');
    controller.abort();
    await expect(command.done).rejects.toMatchObject({ code: 'cancelled' });
    expect((await failed)[0]).toMatchObject({ code: 'cancelled' });
  });

  test('a command that ignores TERM is killed after 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const controller = new AbortController();
    const script = 'trap "" TERM; echo set >&2; exec sleep 60';
    const command = await host.stream(sh(script), { signal: controller.signal });
    await firstLine(command);
    let settled = false;
    command.done.catch(() => (settled = true));
    controller.abort();
    vi.advanceTimersByTime(4999);
    await setImmediate();
    expect(settled).toBe(false);
    vi.advanceTimersByTime(1);
    await expect(command.done).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('a time limit', async () => {
    const command = await host.stream(['sleep', '60'], { timeoutMs: 50 });
    await expect(command.done).rejects.toMatchObject({ code: 'timed-out' });
  });
});

test('close ends what runs, and nothing starts afterwards', async () => {
  const closing = createLocalHost({ name: 'this Mac', path: ['/usr/bin', '/bin'] });
  const command = await closing.stream(['sleep', '60']);
  const run = closing.run(['sleep', '60']);
  const ended = Promise.allSettled([command.done, run]);
  await closing.close();
  await closing.close();
  for (const result of await ended) expect(result).toMatchObject({ reason: { code: 'cancelled' } });
  await expect(closing.run(['true'])).rejects.toMatchObject({ code: 'cancelled' });
});
