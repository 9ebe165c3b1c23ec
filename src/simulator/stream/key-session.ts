import { makeDataset } from '../commands/create.ts';
import { loadKey } from '../commands/keys.ts';
import type { InputSession, Transact } from './receive.ts';

/** A command that reads a passphrase, a line, from its input: `zfs create` of an encryption root, or `zfs load-key`. */
export class KeySession implements InputSession {
  readonly #transact: Transact;
  readonly #words: readonly string[];
  readonly #what: 'create' | 'load-key';
  readonly #input: Buffer[] = [];
  #over = false;

  constructor(transact: Transact, what: 'create' | 'load-key', words: readonly string[]) {
    this.#transact = transact;
    this.#what = what;
    this.#words = words;
  }

  isOver(): boolean {
    return this.#over;
  }

  write(chunk: Buffer): void {
    this.#input.push(chunk);
  }

  end(): void {
    this.#over = true;
    const [secret = ''] = Buffer.concat(this.#input).toString('latin1').split('\n', 1);
    this.#transact((call) => {
      if (this.#what === 'create') makeDataset(call, this.#words, secret);
      else loadKey(call, this.#words, secret);
    });
  }

  interrupt(): void {
    this.#over = true;
  }
}
