import { orAbort } from '../limits.ts';

/** Lets so many through at a time; the others wait in line. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a free slot; the returned function gives it back. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await this.#turn(signal);
    }
    let given = false;
    return () => {
      if (!given) this.#give();
      given = true;
    };
  }

  async #turn(signal: AbortSignal): Promise<void> {
    let begin = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.#waiting.push(begin);
    try {
      await orAbort(turn, signal);
    } catch (error) {
      this.#leave(begin);
      throw error;
    }
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /** One that waited has been cancelled. If it had just been given its turn, the next one gets it. */
  #leave(begin: () => void): void {
    const index = this.#waiting.indexOf(begin);
    if (index >= 0) this.#waiting.splice(index, 1);
    else this.#give();
  }
}
