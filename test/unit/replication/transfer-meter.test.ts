import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { meterTransfer } from '../../../src/replication/transfer-meter.ts';

/** A stream of 104,760 bytes of which about 81,000 are content; docs/performance.md. */
const stream = gunzipSync(readFileSync(new URL('../zfs/streams/full.stream.gz', import.meta.url)));
const content = 81_618;

test('a stream: what zfs expects, what it carries, and which snapshot is under way', () => {
  const meter = meterTransfer(0n);
  expect(meter.progress()).toEqual({ bytes: 0, totalBytes: null, snapshot: 1, snapshots: null });
  for (const line of ['full\tdata/a@one\t43000', 'incremental\tdata/a@one\tdata/a@two\t51216', 'size\t94216'])
    expect(meter.hear(line)).toBeNull();
  expect(meter.progress()).toEqual({ bytes: 0, totalBytes: 94_216, snapshot: 1, snapshots: 2 });
  meter.count(stream);
  expect(meter.hear('09:24:51\t4096\tdata/a@two')).toBeNull();
  expect(meter.progress()).toEqual({ bytes: content, totalBytes: 94_216, snapshot: 2, snapshots: 2 });
  expect(meter.streamBytes()).toBe(104_760);
  expect(meter.hear('warning: something')).toBe('warning: something');
});

// zfs subtracts what arrived, in bytes of stream, from what it expects, in bytes of content, and can fall below 0.
test.each([
  ['less had come than zfs expected', 50_000n],
  ['more had come than zfs expected', 9_000_000n],
])('a resumed stream: %s', (_what, arrived) => {
  const meter = meterTransfer(arrived);
  const whole = 94_216n;
  meter.hear(`size\t${BigInt.asUintN(64, whole - arrived)}`);
  expect(meter.progress().totalBytes).toBe(Math.max(0, Number(whole - arrived)));
  meter.count(stream);
  const share = content / stream.length;
  const rest = Math.max(0, Number(whole) - Number(arrived) * share);
  expect(meter.progress().totalBytes).toBeGreaterThanOrEqual(Math.floor(rest) - 1);
  expect(meter.progress().totalBytes).toBeLessThanOrEqual(Math.ceil(rest) + 1);
  expect(meter.progress().bytes).toBe(content);
});
