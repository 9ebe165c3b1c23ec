import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { ClientChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { ChannelOutput } from '../../../src/host/channel-streams.ts';

/** The output of a command whose channel is a stream of ours. */
function open(): { channel: PassThrough; output: ChannelOutput } {
  const channel = new PassThrough();
  return { channel, output: new ChannelOutput(channel as unknown as ClientChannel) };
}

test('each part of a batch is handed on while the command goes on', async () => {
  const { channel, output } = open();
  output.resume();
  for (const part of ['one', 'two', 'three']) {
    const arrived = once(output, 'data');
    channel.write(part);
    expect(String((await arrived)[0])).toBe(part);
  }
  output.destroy();
});

test('parts that come together are handed on in one piece', async () => {
  const { channel, output } = open();
  output.resume();
  const arrived = once(output, 'data');
  for (const part of ['one', 'two', 'three']) channel.write(part);
  expect(String((await arrived)[0])).toBe('onetwothree');
  output.destroy();
});
