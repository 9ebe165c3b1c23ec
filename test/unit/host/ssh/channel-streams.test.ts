import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { ChannelOutput } from '../../../../src/host/ssh/channel-streams.ts';

const packet = Buffer.alloc(32 * 1024, 'x');

/** A channel as ChannelOutput uses it: a stream to read from. */
function outputOf(): { readonly channel: PassThrough; readonly output: ChannelOutput } {
  const channel = new PassThrough({ readableHighWaterMark: 2 * 1024 * 1024 });
  return { channel, output: new ChannelOutput(channel as unknown as ClientChannel) };
}

test('packets that come close together are handed on in large pieces', async () => {
  const { channel, output } = outputOf();
  const sizes: number[] = [];
  output.on('data', (piece: Buffer) => sizes.push(piece.length));
  for (let i = 0; i < 16; i++) channel.write(packet);
  channel.end();
  await new Promise((resolve) => output.once('end', resolve));
  expect(sizes).toEqual([8 * packet.length, 8 * packet.length]);
});

test('small parts that come together are handed on as one piece', async () => {
  const { channel, output } = outputOf();
  output.resume();
  const arrived = once(output, 'data');
  for (const part of ['one', 'two', 'three']) channel.write(part);
  expect(String((await arrived)[0])).toBe('onetwothree');
  output.destroy();
});

test('each of several small parts is handed on while the command goes on, not the first alone', async () => {
  const { channel, output } = outputOf();
  output.resume();
  for (const part of ['one', 'two', 'three']) {
    const arrived = once(output, 'data');
    channel.write(part);
    expect(String((await arrived)[0])).toBe(part);
  }
  output.destroy();
});

test('what is less than a piece is not held back while the command goes on', async () => {
  const { channel, output } = outputOf();
  const pieces: string[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  channel.write('one');
  await delay(50);
  expect(pieces).toEqual(['one']);
  channel.write('two');
  channel.end();
  await new Promise((resolve) => output.once('end', resolve));
  expect(pieces).toEqual(['one', 'two']);
});

test('a reader that is slow stops the channel', async () => {
  const { channel, output } = outputOf();
  output.once('readable', () => undefined);
  let sent = 0;
  while (sent < 256 && channel.write(packet)) {
    sent += 1;
    await delay(0);
  }
  expect(sent).toBeLessThan(256);
  output.destroy();
});

test('destroyed with a piece in hand, it says nothing more', async () => {
  const { channel, output } = outputOf();
  const pieces: Buffer[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece));
  output.on('error', () => undefined);
  channel.write('lost');
  await delay(0);
  output.destroy(new Error('the connection was lost'));
  await delay(20);
  expect(pieces).toEqual([]);
});
