import { spawn, type ChildProcess } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { PassThrough, type Writable } from 'node:stream';
import { judgeInner, judgeStream } from './judge-stream.ts';
import { splitPackage, type Piece } from './split-package.ts';
import { headBytes, type StreamHead } from './stream-head.ts';
import { isOnlyMissing, readTarget, targetArgv, withSnapshot, type Receive, type Target } from './target.ts';
import { askZfs, endAs, environment, runZfs, type Ended } from './zfs-process.ts';

export interface Receiving {
  readonly zfs: string;
  /** The words behind `zfs`. */
  readonly words: readonly string[];
  readonly receive: Receive;
  readonly refuse: (why: string) => void;
}

/**
 * Reads the head of the stream, has it judged, and only then starts zfs, which gets that head and the rest. Of a package zfs
 * never sees more than one of its streams: each is judged and received by a zfs of its own, for what a package does besides
 * (names that are put together of two heads, packages within it, what is passed over) is not to be judged from outside.
 */
export async function receiveJudged({ zfs, words, receive, refuse }: Receiving): Promise<void> {
  const head = readHeadOf(0);
  if (head.length < headBytes) {
    refuse('cannot receive: failed to read from stream: no zfs stream, or less than its head');
    return;
  }
  const asked = askZfs(zfs, targetArgv(receive));
  if (asked.status !== 0 && !isOnlyMissing(asked.stderr)) {
    // What is wrong there, in zfs's own words.
    writeSync(2, asked.stderr);
    process.exitCode = asked.status ?? 1;
    return;
  }
  let target: Target;
  try {
    target = readTarget(asked.stdout, receive);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return;
  }
  const verdict = judgeStream(head, receive, target, new Date());
  if (verdict.kind === 'refused') refuse(verdict.why);
  else if (verdict.head.isPackage) await receiveEach({ zfs, words, receive, refuse }, target);
  else endAs(await runWithHead(zfs, words, head));
}

/** As much as comes of the first record. Blocks: without it there is nothing to do. */
function readHeadOf(descriptor: number): Buffer {
  const head = Buffer.alloc(headBytes);
  let filled = 0;
  while (filled < headBytes) {
    const count = readSome(descriptor, head, filled);
    if (count === 0) break;
    filled += count;
  }
  return head.subarray(0, filled);
}

function readSome(descriptor: number, into: Buffer, from: number): number {
  for (;;) {
    try {
      return readSync(descriptor, into, from, into.length - from, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** A single stream: cat(1) hands on what follows the head, for less than Node would take (docs/performance.md). */
async function runWithHead(zfs: string, words: readonly string[], head: Buffer): Promise<Ended | null> {
  const handing: ChildProcess[] = [];
  let hasEnded = false;
  const ended = await runZfs(zfs, words, (stdin) => {
    stdin.write(head, (error) => {
      if (hasEnded || (error ?? null) !== null) return;
      const cat = spawn('/bin/cat', [], { env: environment, stdio: ['inherit', stdin, 'ignore'] });
      cat.once('error', () => undefined);
      handing.push(cat);
      // What zfs reads from is cat's alone then, and so is the end of it.
      stdin.destroy();
    });
  });
  hasEnded = true;
  // zfs reads no further than the end of its stream.
  for (const cat of handing) cat.kill('SIGKILL');
  return ended;
}

/** One stream of a package on its way to the zfs that receives it. */
interface Single {
  /** What the target has when it has come. */
  readonly guid: bigint;
  readonly name: string;
  readonly stdin: Writable;
  readonly ended: Promise<Ended | null>;
  /** All of the stream has been handed on. */
  isWhole: boolean;
}

/** The streams of a package, one after the other. Ends as the first zfs that fails. */
async function receiveEach({ zfs, words, receive, refuse }: Receiving, before: Target): Promise<void> {
  const splitter = splitPackage();
  let [target, single] = [before, null as Single | null];

  const start = (head: StreamHead, name: string): Single => {
    let stdin: Writable | null = null;
    const ended = runZfs(zfs, words, (its) => {
      stdin = its;
    });
    const started: Single = {
      ...{ guid: head.toGuid, name, ended, isWhole: false },
      stdin: (stdin as Writable | null) ?? new PassThrough(),
    };
    void ended.then(() => {
      // It failed, and no more of the package is wanted.
      if (!started.isWhole) process.stdin.destroy();
    });
    return started;
  };

  /** Whether the next piece may follow. */
  const take = async (piece: Piece): Promise<boolean> => {
    switch (piece.kind) {
      case 'head': {
        const verdict = judgeInner(piece.bytes, receive, target, new Date());
        if (verdict.kind === 'refused') {
          refuse(verdict.why);
          return false;
        }
        single = start(verdict.head, verdict.stored);
        single.stdin.write(piece.bytes);
        return true;
      }
      case 'data':
        single?.stdin.write(piece.bytes);
        return true;
      case 'end': {
        if (single === null) return false;
        single.isWhole = true;
        single.stdin.end(piece.bytes);
        const ended = await single.ended;
        target = withSnapshot(target, single.guid, single.name);
        single = null;
        if (ended?.signal === null && ended.code === 0) return true;
        endAs(ended);
        return false;
      }
      case 'whole':
        process.exitCode = 0;
        return false;
    }
  };

  let wrong = 'cannot receive: failed to read from stream: the package was cut';
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      single?.stdin.cork();
      for (const piece of splitter.take(chunk)) if (!(await take(piece))) return;
      single?.stdin.uncork();
      await drained(single);
    }
  } catch (error) {
    wrong = `cannot receive: invalid stream: ${error instanceof Error ? error.message : String(error)}`;
  }
  single?.stdin.end();
  const ended = (await single?.ended) ?? null;
  // zfs says itself what it lacks. It never ends well before the end of its stream.
  if (ended !== null && (ended.signal !== null || ended.code !== 0)) endAs(ended);
  else refuse(wrong);
}

/** Waits until zfs has taken most of what it was given, or has ended. */
async function drained(single: Single | null): Promise<void> {
  if (single === null || !single.stdin.writableNeedDrain) return;
  const { stdin, ended } = single;
  await Promise.race([ended, new Promise((resolve) => stdin.once('drain', resolve))]);
}
