import { describe, expect, test } from 'vitest';
import { recordedStream, type RecordedStream } from '../../support/recorded-streams.ts';
import { countContent } from '../../../src/zfs/stream-content.ts';

function count(stream: Buffer, pieceBytes = stream.length): readonly number[] {
  const counter = countContent();
  const counts = [counter.bytes()];
  for (let at = 0; at < stream.length; at += pieceBytes) {
    counter.take(stream.subarray(at, at + pieceBytes));
    counts.push(counter.bytes());
  }
  return counts;
}

const counted = (stream: Buffer, pieceBytes?: number): number => count(stream, pieceBytes).at(-1) ?? 0;

describe('what a stream carries', () => {
  // The numbers of `zstream dump`: what its WRITE, WRITE_EMBEDDED and SPILL records hold, OBJECTs, BEGINs and ENDs.
  test.each<[RecordedStream, number, number, number, number]>([
    ['full', 76_288 + 192, 713_216, 22 * 128, 2],
    ['uncompressed', 712_704 + 512, 712_704, 22 * 128, 2],
    // zfs's own five objects have no bonus, which is what tells a raw one.
    ['raw', 23_040 + 512, 47_616, 13 * 512 + 5 * 128, 2],
    ['history', 4608 + 96, 5632, 21 * 128, 7],
  ])(
    '%s: what zstream dump finds in it, and a head for each 128 KiB',
    (name, held, logical, objects, ends) => {
      const heads = (312 * logical) / 131_072;
      expect(counted(recordedStream(name))).toBeCloseTo(held + heads + objects + ends * 312, 6);
    },
  );

  test.each([1, 7, 311, 312, 313, 4096])(
    'is the same in pieces of %i bytes, and never falls',
    (pieceBytes) => {
      for (const name of pieceBytes === 1 ? (['history'] as const) : (['full', 'raw', 'history'] as const)) {
        const counts = count(recordedStream(name), pieceBytes);
        expect(counts.at(-1)).toBe(counted(recordedStream(name)));
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
      }
    },
  );

  test('is all of it where it is no stream of zfs, or of the other byte order', () => {
    const other = Buffer.from(recordedStream('full')).swap32();
    for (const stream of [Buffer.alloc(100_000), Buffer.alloc(100), Buffer.alloc(312), other])
      expect([counted(stream), counted(stream, 10)]).toEqual([stream.length, stream.length]);
  });

  test('is all that follows a record that nobody knows', () => {
    const stream = recordedStream('full');
    const unknown = Buffer.concat([stream.subarray(0, 312), Buffer.alloc(5000, 11)]);
    expect(counted(unknown)).toBe(312 + 5000);
    expect(counted(unknown, 100)).toBe(312 + 5000);
  });
});
