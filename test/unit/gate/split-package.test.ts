import { describe, expect, test } from 'vitest';
import { splitPackage, type Piece } from '../../../src/gate/split-package.ts';
import { recordedStream } from '../../support/recorded-streams.ts';

const history = recordedStream('history');
/** What follows the package's own head. */
const rest = history.subarray(312);

function split(bytes: Buffer, pieceBytes = bytes.length): readonly Piece[] {
  const splitter = splitPackage();
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(...splitter.take(bytes.subarray(at, at + pieceBytes)));
  return pieces;
}

/** The streams in it, each whole, and whether the package came to its end. */
function streams(pieces: readonly Piece[]): {
  readonly streams: readonly Buffer[];
  readonly isWhole: boolean;
} {
  const found: Buffer[][] = [];
  for (const piece of pieces) {
    if (piece.kind === 'head') found.push([]);
    if (piece.kind !== 'whole') found.at(-1)?.push(piece.bytes);
  }
  return { streams: found.map((parts) => Buffer.concat(parts)), isWhole: pieces.at(-1)?.kind === 'whole' };
}

test.each([1, 7, 311, 312, 313, 4096, 1_000_000])(
  'a package comes apart the same in pieces of %i bytes',
  (pieceBytes) => {
    const found = streams(split(rest, pieceBytes));
    expect(found.isWhole).toBe(true);
    expect(found.streams.map((one) => one.toString('latin1', 56, one.indexOf(0, 56)))).toEqual([
      'data/profiles/fx@b',
      'data/profiles/fx@c',
    ]);
    // All but the end of the package's head, and that of the package.
    expect(Buffer.concat(found.streams).equals(history.subarray(624, -312))).toBe(true);
  },
);

test('whatever follows a package is no part of it', () => {
  const more = Buffer.concat([rest, Buffer.alloc(10_000, 7)]);
  expect(streams(split(more, 5000))).toEqual(streams(split(rest)));
});

describe('throws', () => {
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(rest);
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  test.each<[string, Buffer]>([
    ['where the head goes on', changed(0, 3)],
    ['where no stream begins', changed(312 + 8, 7)],
    ['at a record of no kind', changed(624, 11)],
    ['at a head within a stream', changed(624, 0)],
    ['at a record that is longer than any', Buffer.concat([rest.subarray(0, 624), write(2n ** 40n)])],
    ['at one that no number holds', Buffer.concat([rest.subarray(0, 624), write(2n ** 64n - 1n)])],
  ])('%s', (_what, bytes) => {
    expect(() => split(bytes)).toThrow();
  });

  function write(size: bigint): Buffer {
    const head = Buffer.alloc(312);
    head.writeUInt32LE(3, 0);
    head.writeBigUInt64LE(size, 32);
    return head;
  }
});
