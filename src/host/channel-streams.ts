import { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/** Bytes that are buffered on our side of a channel, besides ssh2's own window of 2 MiB each way. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * The remote command's stdin. ssh2's channel itself would not do: its writes never call back once the server has
 * closed it, so a writer would wait for ever.
 */
export class ChannelInput extends Writable {
  readonly #channel: ClientChannel;
  #pending: ((error?: Error) => void) | undefined;

  constructor(channel: ClientChannel) {
    super({ highWaterMark: BUFFER_BYTES, decodeStrings: true });
    this.#channel = channel;
    channel.on('drain', () => {
      this.#settle();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    if (this.#channel.write(chunk)) callback();
    else this.#pending = callback;
  }

  override _final(callback: (error?: Error) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // A writer that gives up has to be noticed there, like a closed pipe.
    if (!this.writableFinished) this.#channel.end();
    this.#settle(error ?? undefined);
    callback(error);
  }

  #settle(error?: Error): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.(error);
  }
}

/** The remote command's stdout. Unlike ssh2's channel it can fail: a lost connection does not look like the end. */
export class ChannelOutput extends Readable {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) channel.pause();
    });
    channel.once('end', () => {
      if (!this.destroyed) this.push(null);
    });
    channel.pause();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // What still comes is thrown away, so that the channel can close.
    this.#channel.resume();
    callback(error);
  }
}
