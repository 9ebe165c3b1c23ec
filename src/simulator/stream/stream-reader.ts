import { packageMagic, streamMagic, type StreamHeader } from './stream.ts';

/** Hears what a stream holds, in order. */
export interface StreamListener {
  begin(header: StreamHeader): void;
  data(chunk: Buffer): void;
  complete(): void;
}

const longestLine = 1024 * 1024;

/** Takes a stream apart, however it is cut into chunks. */
export class StreamReader {
  readonly #listener: StreamListener;
  #line: Buffer = Buffer.alloc(0);
  /** Payload bytes that are still to come; null: between two snapshots. */
  #left: number | null = null;
  #streams = 0;
  #expected = 1;
  #begun = false;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  /** True before the first whole header. */
  get isEmpty(): boolean {
    return !this.#begun;
  }

  /** True once all has come that the stream's own words promise. */
  get isComplete(): boolean {
    return this.#left === null && this.#streams === this.#expected;
  }

  /** Takes the next bytes. `bad-magic`: this is no stream of the simulator. */
  push(chunk: Buffer): 'ok' | 'bad-magic' {
    let rest = chunk;
    while (rest.length > 0 && !this.isComplete) {
      if (this.#left !== null) {
        rest = this.#take(this.#left, rest);
        continue;
      }
      const end = rest.indexOf('\n');
      this.#line = Buffer.concat([this.#line, end < 0 ? rest : rest.subarray(0, end)]);
      if (!this.#mayBegin()) return 'bad-magic';
      if (end < 0) return 'ok';
      rest = rest.subarray(end + 1);
      const line = this.#line.toString();
      this.#line = Buffer.alloc(0);
      if (!this.#header(line)) return 'bad-magic';
    }
    return 'ok';
  }

  #mayBegin(): boolean {
    if (this.#line.length > longestLine) return false;
    const text = this.#line.subarray(0, packageMagic.length).toString('latin1');
    return [streamMagic, packageMagic].some((magic) => magic.startsWith(text) || text.startsWith(magic));
  }

  #take(left: number, chunk: Buffer): Buffer {
    const data = chunk.subarray(0, left);
    this.#left = left - data.length;
    if (data.length > 0) this.#listener.data(data);
    if (this.#left === 0) this.#finish();
    return chunk.subarray(data.length);
  }

  #finish(): void {
    this.#left = null;
    this.#streams++;
    this.#listener.complete();
  }

  #header(line: string): boolean {
    this.#begun = true;
    if (line.startsWith(packageMagic)) {
      this.#expected = (JSON.parse(line.slice(packageMagic.length)) as { count: number }).count;
      return true;
    }
    if (!line.startsWith(streamMagic)) return false;
    const header = JSON.parse(line.slice(streamMagic.length)) as StreamHeader;
    this.#listener.begin(header);
    this.#left = header.length - header.resumed;
    if (this.#left === 0) this.#finish();
    return true;
  }
}
