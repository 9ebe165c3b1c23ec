import { expect, test } from 'vitest';
import { createReadMemory } from '../../../src/host/read-memory.ts';

test('what was read stays as it is, however much is read after it', () => {
  const memory = createReadMemory();
  const read: { readonly piece: Buffer; readonly value: number }[] = [];
  // Some slabs' worth, in reads of all sizes.
  for (let [bytes, total, value] = [1, 0, 0]; total < 16 * 1024 * 1024; bytes = (bytes * 7) % 600_011) {
    const room = memory.next();
    const count = Math.min(bytes, room.length);
    value = (value + 1) % 251;
    room.fill(value, 0, count);
    read.push({ piece: memory.take(count), value });
    expect(read.at(-1)?.piece.length).toBe(count);
    total += count;
  }
  expect(read.length).toBeGreaterThan(50);
  for (const { piece, value } of read) expect(piece.equals(Buffer.alloc(piece.length, value))).toBe(true);
});

test('there is always room for a large read, and no read is larger than half a MiB', () => {
  const memory = createReadMemory();
  for (let reads = 0; reads < 100; reads++) {
    const room = memory.next().length;
    expect(room).toBeGreaterThanOrEqual(128 * 1024);
    expect(room).toBeLessThanOrEqual(512 * 1024);
    memory.take(100_000);
  }
});

test('what was asked for and not used is given again', () => {
  const memory = createReadMemory();
  memory.next();
  const room = memory.next();
  room[0] = 7;
  expect([...memory.take(1)]).toEqual([7]);
});
