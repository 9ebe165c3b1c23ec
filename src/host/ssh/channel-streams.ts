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

/**
 * Packets of SSH hold 32 KiB at most. Handed on one by one they cost a write and a switch of processes each, which is
 * a fifth of the time of a large receive; from here on nothing is won any more.
 */
const BATCH_BYTES = 256 * 1024;

/** The longest that a part of a batch waits for the rest of it. One timer does for all the batches that begin while it runs. */
const BATCH_MS = 5;

/**
 * The remote command's stdout, in pieces of BATCH_BYTES and more while there is much. Unlike ssh2's channel it can
 * fail: a lost connection does not look like the end.
 */
export class ChannelOutput extends Readable {
  readonly #channel: ClientChannel;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #batchTimer: NodeJS.Timeout | undefined;

  constructor(channel: ClientChannel) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (this.destroyed) return;
      this.#batch.push(chunk);
      this.#batchBytes += chunk.length;
      if (this.#batchBytes >= BATCH_BYTES) this.#handOn();
      else {
        this.#batchTimer ??= setTimeout(() => {
          this.#batchTimer = undefined;
          this.#handOn();
        }, BATCH_MS);
      }
    });
    channel.once('end', () => {
      if (this.destroyed) return;
      this.#handOn();
      this.push(null);
    });
    channel.pause();
  }

  #handOn(): void {
    const batch = this.#takeBatch();
    if (batch.length > 0 && !this.push(Buffer.concat(batch))) this.#channel.pause();
  }

  #takeBatch(): readonly Buffer[] {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    return batch;
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // What still comes is thrown away, so that the channel can close.
    clearTimeout(this.#batchTimer);
    this.#takeBatch();
    this.#channel.resume();
    callback(error);
  }
}
