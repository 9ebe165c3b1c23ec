import { randomUUID } from 'node:crypto';
import { isAllowed } from './delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from './failure.ts';
import { nextTxg, type Call, type Machine } from './machine.ts';
import { mountAutomatically } from './mounting.ts';
import type { Dataset, Partial } from './model.ts';
import { beginReceive, type Beginning } from './receive-begin.ts';
import { checkBeforeReading, parseReceive, type ReceiveOptions } from './receive-options.ts';
import { destroyDatasetTree } from './removal.ts';
import { whyFull } from './space.ts';
import { StreamReader } from './stream-reader.ts';
import { applyPayload, type StreamHeader } from './stream.ts';
import { encodeToken } from './token.ts';
import { permissionFor } from './commands/set.ts';

/** Runs some work on the machine as it is at that moment: at once in process, under a lock where it is kept in files. */
export type Transact = <T>(work: (call: Call) => T) => T;

/** How many bytes are kept back before they are stored. */
export interface ReceiveLimits {
  readonly owner?: string;
  readonly flushBytes?: number;
}

/** A `zfs receive` under way, fed by whoever reads its input. */
export class ReceiveSession {
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

  /** True when nothing more is read: the command has done its work. */
  isOver(): boolean {
    return this.#over || this.#reader.isComplete;
  }

  /** Takes the next bytes. Throws zfs's refusal, having tidied up. */
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
    const dataset = machine.datasets.get(this.#beginning?.dataset ?? '');
    return dataset?.partial?.owner === this.#owner ? dataset : undefined;
  }

  #begin(header: StreamHeader): void {
    this.#header = header;
    this.#beginning = null;
    this.#beginning = this.#transact((call) => beginReceive(call, this.#options, header, this.#owner));
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

interface Commit {
  readonly beginning: Beginning;
  readonly header: StreamHeader;
  readonly options: ReceiveOptions;
}

function commit(
  call: Call,
  dataset: Dataset,
  partial: Partial,
  { beginning, header, options }: Commit,
): void {
  const source = dataset.snapshots.find(({ guid }) => guid === header.fromguid) ?? dataset.origin;
  const tree = applyPayload(
    header.fromguid === null ? null : (source?.tree ?? null),
    Buffer.concat(partial.chunks),
  );
  dataset.partial = null;
  dataset.live = tree;
  dataset.written = 0;
  dataset.snapshots.push({
    dataset,
    short: beginning.short,
    guid: header.toguid,
    createtxg: nextTxg(call.machine, dataset.name),
    creation: header.creation,
    written: header.written,
    tree,
    holds: new Map(),
    properties: new Map(),
  });
  setReceivedProperties(call, dataset, options);
  if (partial.newDataset && options.mount) mountAutomatically(call, dataset);
}

/** What may not be set is said, and zfs exits 0 all the same (seen on 2.3.2). */
function setReceivedProperties(call: Call, dataset: Dataset, { properties }: ReceiveOptions): void {
  for (const [property, value] of properties) {
    if (isAllowed(call.machine, call.user, dataset.name, permissionFor(property))) {
      dataset.properties.set(property, { value, source: 'local' });
    } else {
      call.err(`cannot receive ${property} property on ${dataset.name}: permission denied\n`);
    }
  }
}

/** A receive has ended before its stream: a resumable one waits, any other leaves nothing. */
export function leavePartial(machine: Machine, dataset: Dataset): void {
  const { partial } = dataset;
  if (partial === null) return;
  partial.owner = null;
  if (partial.resumable) return;
  if (partial.newDataset) destroyDatasetTree(machine, dataset);
  else dataset.partial = null;
}

function abortReceive(call: Call, name: string): void {
  const dataset = call.machine.datasets.get(name);
  if (dataset === undefined) throw usageError(cannotOpen(name).stderr.trimEnd(), 'receive');
  const { partial } = dataset;
  if (partial?.resumable !== true)
    throw new ZfsFailure(`'${name}' does not have any resumable receive state to abort`);
  const what = `cannot destroy '${partial.newDataset ? name : `${name}/%recv`}'`;
  if (!['destroy', 'mount'].every((permission) => isAllowed(call.machine, call.user, name, permission))) {
    throw new ZfsFailure(`${what}: permission denied`);
  }
  if (partial.owner !== null) throw new ZfsFailure(`${what}: dataset is busy`);
  if (partial.newDataset) destroyDatasetTree(call.machine, dataset);
  else dataset.partial = null;
  nextTxg(call.machine, name);
}
