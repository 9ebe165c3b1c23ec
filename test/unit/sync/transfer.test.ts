import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argv, Host } from '../../../src/host/host.ts';
import { createLocalHost } from '../../../src/host/local.ts';
import { transfer, type TransferOptions } from '../../../src/sync/transfer.ts';

let directory: string;
let host: Host;

// Stands in for both zfs send and zfs receive; the words after the verb are a script of what it does.
const zfs = `#!/bin/sh
verb=$1; shift
while [ $# -gt 0 ]; do
  case $1 in
    bytes=*) head -c "\${1#bytes=}" /dev/zero ;;
    say=*) printf '%b\\n' "\${1#say=}" >&2 ;;
    read=*) head -c "\${1#read=}" > /dev/null ;;
    count) wc -c > "$OUT" ;;
    hang) exec sleep 60 ;;
    pause) sleep 0.3 ;;
    exit=*) exit "\${1#exit=}" ;;
  esac
  shift
done
`;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'roamhome-transfer-'));
  writeFileSync(join(directory, 'zfs'), zfs);
  chmodSync(join(directory, 'zfs'), 0o755);
  host = createLocalHost({
    name: 'here',
    path: [directory, '/usr/bin', '/bin'],
    env: { OUT: join(directory, 'count') },
  });
});

afterAll(async () => {
  await host.close();
  rmSync(directory, { recursive: true });
});

function options(send: string, receive: string, more: Partial<TransferOptions> = {}): TransferOptions {
  const argv = (words: string): Argv => ['zfs', ...words.split(' ')];
  return {
    source: host,
    send: argv(`send ${send}`),
    sink: { ...host, name: 'there' },
    receive: argv(`receive ${receive}`),
    arrivedBytes: 0n,
    stallMs: 30_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

describe('a transfer', () => {
  test('moves every byte, and tells how far it is', async () => {
    const seen: number[] = [];
    let total: number | null = null;
    const result = await transfer(
      options('say=size\\t3000000 bytes=3000000', 'count', {
        onProgress: ({ bytes, totalBytes }) => {
          seen.push(bytes);
          total = totalBytes;
        },
      }),
    );
    expect(result).toEqual({
      ...{ bytes: 3_000_000, contentBytes: 3_000_000, estimatedBytes: 3_000_000 },
      warnings: [],
    });
    expect(readFileSync(join(directory, 'count'), 'utf8').trim()).toBe('3000000');
    expect(seen.at(-1)).toBe(3_000_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(total).toBe(3_000_000);
  });

  test('that goes on where more had come than zfs had expected expects nothing more, and tells what comes', async () => {
    const { estimatedBytes, contentBytes } = await transfer(
      options(`say=size\\t${2n ** 64n - 500_000n} bytes=1000`, 'count', { arrivedBytes: 3_500_000n }),
    );
    expect({ estimatedBytes, contentBytes }).toEqual({ estimatedBytes: 0, contentBytes: 1000 });
  });

  test('hands on what the receiver said on a success', async () => {
    const { warnings } = await transfer(
      options('bytes=10', 'count say=cannot-set-a-property:-permission-denied'),
    );
    expect(warnings).toEqual(['cannot-set-a-property:-permission-denied']);
  });

  test.each([
    [
      'the receiver refuses at once',
      'bytes=90000000',
      'say=destination-has-been-modified exit=1',
      'zfs-failed',
      'there',
    ],
    [
      'the receiver has no space in the middle',
      'bytes=90000000',
      'read=1000000 say=out-of-space:\\nout\\040of\\040space exit=1',
      'no-space',
      'there',
    ],
    [
      'the receiver says something and had all',
      'bytes=10',
      'count say=I/O\\040error exit=1',
      'zfs-failed',
      'there',
    ],
    [
      'the sender fails at once',
      'say=warning:\\040permission\\040denied exit=1',
      'count say=incomplete\\040stream exit=1',
      'permission-denied',
      'here',
    ],
    [
      'the sender fails in the middle, and the receiver is its victim',
      'bytes=100000 say=out\\040of\\040space exit=1',
      'count say=checksum\\040mismatch\\040or\\040incomplete\\040stream. exit=1',
      'no-space',
      'here',
    ],
    [
      'the sender fails though the receiver is content',
      'bytes=100000 say=permission\\040denied exit=1',
      'count',
      'permission-denied',
      'here',
    ],
    [
      'the stream was cut, and nobody knows why',
      'bytes=100000',
      'count say=incomplete\\040stream exit=1',
      'stream-incomplete',
      'there',
    ],
  ])('%s', async (_what, send, receive, code, place) => {
    await expect(transfer(options(send, receive))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(` on ${place} `) as string,
    });
  });

  test('a receiver has all once it has seen the end of the stream, before that of its pipe', async () => {
    const result = await transfer(options('bytes=1000 pause', 'read=1000'));
    expect(result).toMatchObject({ bytes: 1000, warnings: [] });
    await expect(transfer(options('bytes=1000 pause exit=1', 'read=1000'))).rejects.toMatchObject({
      code: 'zfs-failed',
    });
  });

  test('what the sender had sent before a slow server started the receiver arrives too', async () => {
    const slow: Host = {
      ...{ ...host, name: 'there' },
      stream: async (...command) => {
        await delay(300);
        return host.stream(...command);
      },
    };
    const result = await transfer(options('bytes=5000', 'count', { sink: slow }));
    expect(result).toMatchObject({ bytes: 5000 });
    expect(readFileSync(join(directory, 'count'), 'utf8').trim()).toBe('5000');
  });

  test('a sender that has ended is no obstacle where no receiver can be started', async () => {
    const refusing: Host = {
      ...{ ...host, name: 'there' },
      stream: async () => {
        await delay(300);
        throw new Error('no channel');
      },
    };
    await expect(transfer(options('bytes=5000', 'count', { sink: refusing }))).rejects.toThrow('no channel');
  });

  test('a stall is noticed, both ends are ended', async () => {
    const started = performance.now();
    await expect(transfer(options('bytes=1000 hang', 'count', { stallMs: 1000 }))).rejects.toMatchObject({
      code: 'stalled',
      retryable: true,
    });
    expect(performance.now() - started).toBeLessThan(10_000);
    // What came before the stall had reached the receiver, who was given the end of its stream.
    expect(readFileSync(join(directory, 'count'), 'utf8').trim()).toBe('1000');
  });

  test('an abort ends it, and the receiver still stores what it has', async () => {
    const abort = new AbortController();
    const reason = new Error('no more time');
    const running = transfer(
      options('bytes=5000 hang', 'count', {
        signal: abort.signal,
        onProgress: ({ bytes }) => {
          // Not within the event itself: the chunk has not been handed on yet then.
          if (bytes === 5000)
            setImmediate(() => {
              abort.abort(reason);
            });
        },
      }),
    );
    await expect(running).rejects.toBe(reason);
    expect(readFileSync(join(directory, 'count'), 'utf8').trim()).toBe('5000');
  });

  test('an abort before it began starts nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(transfer(options('bytes=1', 'count', { signal }))).rejects.toThrow();
  });

  test('an end that cannot be started ends the other', async () => {
    const nowhere = createLocalHost({ name: 'nowhere', path: ['/nonexistent'] });
    await expect(transfer({ ...options('hang', 'count'), sink: nowhere })).rejects.toMatchObject({
      code: 'zfs-not-installed',
    });
  });
});
