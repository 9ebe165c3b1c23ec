import { StringDecoder } from 'node:string_decoder';

type Listener = (line: string) => void;

/** Collects a command's stderr and hands it on line by line; a listener that comes late gets the earlier lines too. */
export class StderrLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #listeners: Listener[] = [];
  readonly #lines: string[] = [];
  #partial = '';
  #bytes = 0;

  /** Takes the next chunk of bytes, cut anywhere. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#take(this.#decoder.write(chunk));
  }

  /** No more will come: a last line without a newline counts as a line. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#partial !== '') this.#emit(this.#partial);
    this.#partial = '';
  }

  onLine(listener: Listener): void {
    for (const line of this.#lines) listener(withoutNewline(line));
    this.#listeners.push(listener);
  }

  /** Bytes that came so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All that came so far, newlines included. */
  text(): string {
    return this.#lines.join('') + this.#partial;
  }

  #take(text: string): void {
    // Only then: splitting what is already there again and again would be quadratic.
    if (!text.includes('\n')) {
      this.#partial += text;
      return;
    }
    const parts = (this.#partial + text).split('\n');
    this.#partial = parts.pop() ?? '';
    for (const part of parts) this.#emit(`${part}\n`);
  }

  #emit(line: string): void {
    this.#lines.push(line);
    for (const listener of this.#listeners) listener(withoutNewline(line));
  }
}

function withoutNewline(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}
