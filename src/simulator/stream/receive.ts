import { randomUUID } from 'node:crypto';
import { ZfsFailure } from '../failure.ts';
import type { Call, Machine } from '../machine.ts';
import type { Dataset } from '../model.ts';
import { beginReceive, type Beginning } from './receive-begin.ts';
import { abortReceive, commit, leavePartial, setReceivedProperties } from './receive-end.ts';
import { checkBeforeReading, parseReceive, type ReceiveOptions } from './receive-options.ts';
import { whyFull } from '../space.ts';
import { StreamReader } from './stream-reader.ts';
import type { StreamHeader } from './stream.ts';
import { encodeToken } from './token.ts';

/** Runs some work on the machine as it is at that moment: at once in process, under a lock where it is kept in files. */
export type Transact = <T>(work: (call: Call) => T) => T;

/** How many bytes are kept back before they are stored. */
export interface ReceiveLimits {
  readonly owner?: string;
  readonly flushBytes?: number;
}

/** A command under way that reads its input, fed by whoever has it. */
export interface InputSession {
  /** True when nothing more is read: the command has done its work. */
  isOver(): boolean;
  /** Takes the next bytes. Throws zfs's refusal, having tidied up. */
  write(chunk: Buffer): void;
  /** The input has ended. Throws what zfs says to that. */
  end(): void;
  /** The command is killed. */
  interrupt(): void;
}

/** A `zfs receive` under way. */
export class ReceiveSession implements InputSession {
  readonly #transact: Transact;
  readonly #options: ReceiveOptions;
  readonly #owner: string;
  readonly #flushBytes: number;
  readonly #reader: StreamReader;
  #header: StreamHeader | null = null;
  #beginning: Beginning | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #over = false;

  /** Throws what zfs says before it reads. */
  constructor(
    transact: Transact,
    words: readonly string[],
    { owner = randomUUID(), flushBytes = 0 }: ReceiveLimits = {},
  ) {
    this.#transact = transact;
    this.#options = parseReceive(words);
    this.#owner = owner;
    this.#flushBytes = flushBytes;
    this.#reader = new StreamReader({
      begin: (header) => {
        this.#begin(header);
      },
      data: (chunk) => {
        this.#store(chunk);
      },
      complete: () => {
        this.#complete();
      },
    });
    if (this.#options.abort) {
      this.#over = true;
      transact((call) => {
        abortReceive(call, this.#options.target);
      });
    } else {
      transact(({ machine }) => {
        checkBeforeReading(machine, this.#options);
      });
    }
  }

  isOver(): boolean {
    return this.#over || this.#reader.isComplete;
  }

  write(chunk: Buffer): void {
    if (this.isOver()) return;
    this.#orLeave(() => {
      if (this.#reader.push(chunk) === 'ok') return;
      throw new ZfsFailure('cannot receive: invalid stream (bad magic number)');
    });
  }

  /** The input has ended. Throws when that was too early. */
  end(): void {
    if (this.isOver()) return;
    this.#orLeave(() => {
      const what = this.#beginning?.what;
      if (this.#reader.isEmpty || what === undefined)
        throw new ZfsFailure('cannot receive: failed to read from stream');
      this.#flush();
      const token = this.#transact(({ machine }) => {
        const partial = this.#partial(machine)?.partial;
        return partial?.resumable === true ? encodeToken(partial) : null;
      });
      throw new ZfsFailure(
        token === null
          ? `${what}: incomplete stream`
          : `${what}: checksum mismatch or incomplete stream.\nPartially received snapshot is saved.\n` +
              `A resuming stream can be generated on the sending system by running:\n    zfs send -t ${token}`,
      );
    });
  }

  /** The command is killed: what has arrived stays, or goes, as zfs would have it. */
  interrupt(): void {
    if (this.isOver()) return;
    this.#flush();
    this.#leave();
  }

  #orLeave(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  #leave(): void {
    this.#over = true;
    this.#waiting = [];
    this.#transact(({ machine }) => {
      const dataset = this.#partial(machine);
      if (dataset !== undefined) leavePartial(machine, dataset);
    });
  }

  /** The dataset with what this command receives. */
  #partial(machine: Machine): Dataset | undefined {
    return this.#beginning === null ? undefined : this.#partialOf(machine, this.#beginning);
  }

  #partialOf(machine: Machine, beginning: Beginning): Dataset | undefined {
    const dataset = machine.datasets.get(beginning.dataset);
    return dataset?.partial?.owner === this.#owner ? dataset : undefined;
  }

  #begin(header: StreamHeader): void {
    this.#header = header;
    this.#beginning = null;
    this.#beginning = this.#transact((call) => {
      const beginning = beginReceive(call, this.#options, header, this.#owner);
      // A new dataset has them before its first byte, and keeps them while it waits to be resumed.
      const dataset = this.#partialOf(call.machine, beginning);
      if (dataset?.partial?.newDataset === true) setReceivedProperties(call, dataset, this.#options);
      return beginning;
    });
  }

  #store(chunk: Buffer): void {
    if (this.#beginning?.skip === true) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > this.#flushBytes) this.#flush();
  }

  #flush(): void {
    const [chunks, bytes, beginning] = [this.#waiting, this.#waitingBytes, this.#beginning];
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (bytes === 0 || beginning === null) return;
    this.#transact(({ machine }) => {
      const partial = this.#partial(machine)?.partial;
      if (partial === undefined || partial === null) return;
      const why = whyFull(machine, beginning.dataset, bytes);
      if (why === 'quota')
        throw new ZfsFailure(`${beginning.what}: destination ${beginning.dataset} space quota exceeded.`);
      if (why === 'pool') throw new ZfsFailure(`${beginning.what}: out of space`);
      partial.chunks.push(...chunks);
      partial.bytes += bytes;
    });
  }

  #complete(): void {
    this.#flush();
    const [beginning, header] = [this.#beginning, this.#header];
    if (beginning === null || header === null || beginning.skip) return;
    this.#transact((call) => {
      const dataset = this.#partial(call.machine);
      if (dataset !== undefined && dataset.partial !== null)
        commit(call, dataset, dataset.partial, { beginning, header, options: this.#options });
    });
  }
}
