import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meterTransfer } from '../../../src/sync/transfer-meter.ts';

/** A stream of 104,760 bytes of which about 81,000 are content; docs/performance.md. */
const stream = gunzipSync(readFileSync(new URL('../zfs/streams/full.stream.gz', import.meta.url)));
const content = 81_618;

test('a stream: what zfs expects, and what it carries', () => {
  const meter = meterTransfer(0n);
  expect(meter.progress()).toEqual({ bytes: 0, totalBytes: null, snapshot: 1, snapshots: null });
  for (const line of ['full\tdata/a@one\t94216', 'size\t94216']) expect(meter.hear(line)).toBeNull();
  expect(meter.progress()).toEqual({ bytes: 0, totalBytes: 94_216, snapshot: 1, snapshots: 1 });
  meter.count(stream);
  expect(meter.hear('09:24:51\t4096\tdata/a@one')).toBeNull();
  expect(meter.progress()).toEqual({ bytes: content, totalBytes: 94_216, snapshot: 1, snapshots: 1 });
  expect(meter.streamBytes()).toBe(104_760);
  expect(meter.hear('warning: something')).toBe('warning: something');
});

test('a recorded stream of two snapshots has passed by the end, though its content is less than zfs expects', () => {
  const recorded = gunzipSync(readFileSync(new URL('../zfs/streams/history.stream.gz', import.meta.url)));
  const meter = meterTransfer(0n);
  for (const line of ['full\tdata/a@one\t43000', 'incremental\tone\tdata/a@two\t51216', 'size\t94216'])
    meter.hear(line);
  meter.count(recorded);
  expect(meter.progress()).toEqual({ bytes: 94_216, totalBytes: 94_216, snapshot: 2, snapshots: 2 });
  expect(meter.contentBytes()).toBeLessThan(20_000);
});

/** A record's head, with what is read of it. */
function head(type: number, fields: readonly (readonly [offset: number, value: bigint])[] = []): Buffer {
  const buffer = Buffer.alloc(312);
  buffer.writeUInt32LE(type, 0);
  for (const [offset, value] of fields) buffer.writeBigUInt64LE(value, offset);
  return buffer;
}
const begin = (version: bigint): Buffer =>
  head(0, [
    [8, 0x2_f5ba_cbacn],
    [16, version],
  ]);
const end = head(5);
const write = (bytes: number): Buffer => Buffer.concat([head(3, [[32, BigInt(bytes)]]), Buffer.alloc(bytes)]);

/** What `zfs send -I` makes: a stream that holds a stream for each snapshot. */
function streamOf(snapshots: readonly (readonly number[])[]): readonly Buffer[] {
  return [
    Buffer.concat([begin(2n), end]),
    ...snapshots.map((writes) => Buffer.concat([begin(1n), ...writes.map(write), end])),
    end,
  ];
}

test('of one stream with many snapshots each that has passed counts for what zfs expected of it', () => {
  const snapshot = fc.record({ writes: fc.array(fc.nat(2000), { maxLength: 3 }), estimate: fc.nat(9000) });
  fc.assert(
    fc.property(
      fc.array(snapshot, { minLength: 2, maxLength: 40 }),
      fc.integer({ min: 1, max: 5000 }),
      (all, piece) => {
        const meter = meterTransfer(0n);
        for (const [i, { estimate }] of all.entries())
          meter.hear(`incremental\t${i}\tdata/a@${i + 1}\t${estimate}`);
        const total = all.reduce((sum, { estimate }) => sum + estimate, 0);
        meter.hear(`size\t${total}`);
        let [before, passed] = [0, 0];
        for (const [i, part] of streamOf(all.map(({ writes }) => writes)).entries()) {
          for (let at = 0; at < part.length; at += piece) {
            meter.count(part.subarray(at, at + piece));
            const { bytes, snapshot: under } = meter.progress();
            expect(bytes).toBeGreaterThanOrEqual(before);
            expect(bytes).toBeLessThanOrEqual(total);
            expect(under).toBeLessThanOrEqual(all.length);
            before = bytes;
          }
          passed += all[i - 1]?.estimate ?? 0;
          expect(meter.progress().bytes).toBe(i > all.length ? total : passed);
          expect(meter.progress().snapshot).toBe(Math.min(i + 1, all.length));
        }
      },
    ),
  );
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
