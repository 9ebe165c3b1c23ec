import { judgeStream } from '../../../src/gate/judge-stream.ts';
import { splitPackage } from '../../../src/gate/split-package.ts';
import type { Receive, Target } from '../../../src/gate/target.ts';
import { parseDatasetName, parseSnapshotName } from '../../../src/zfs/names.ts';
import { features, patchHead, swapHead } from '../forge-stream.ts';
import { recordedStream } from '../recorded-streams.ts';
import { randomFrom } from './mutate.ts';
import { mayBeReceived } from './stream-oracle.ts';

/** The first records of streams that OpenZFS 2.3.2 made: full, encrypted, a package, and the streams in it. */
function recordedHeads(): readonly Buffer[] {
  const streams = (['full', 'uncompressed', 'raw', 'history'] as const).map(recordedStream);
  const inner = [...splitPackage().take(streams[3]?.subarray(312) ?? Buffer.alloc(0))].flatMap((piece) =>
    piece.kind === 'head' ? [piece.bytes] : [],
  );
  const heads = [...streams.map((stream) => Buffer.from(stream.subarray(0, 312))), ...inner];
  return [...heads, ...heads.map(swapHead)];
}

/** What came of the heads. */
export interface FuzzedHeads {
  /** On which the gate and the oracle disagree; empty is right. */
  readonly wrong: readonly string[];
  readonly legal: number;
  readonly refused: number;
}

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

const home = parseDatasetName('data/profiles/alice');
const branch = parseDatasetName('data/profiles-conflicts/alice-mac7-20261120T064500Z');
const origin = parseSnapshotName(`${home}@a`);
/** Of the recorded streams' time, so that they are neither old nor new by themselves. */
const now = new Date(1_795_700_000_000);

/** Puts so many mutated heads to the judge, each about a target of some kind, and compares with the oracle. */
export function fuzzHeads(count: number, seed: number): FuzzedHeads {
  const random = randomFrom(seed);
  const heads = recordedHeads();
  const guids = heads.flatMap((head) => [head.readBigUInt64LE(40), head.readBigUInt64LE(48)]);
  const wrong: string[] = [];
  let legal = 0;
  for (let done = 0; done < count && wrong.length < 10; done++) {
    const bytes = mutated(random, pick(random, heads), guids);
    const [receive, target] = anyTarget(random, guids);
    const verdict = judgeStream(bytes, receive, target, now);
    if (verdict.kind === 'legal') legal += 1;
    if (mayBeReceived(bytes, receive, target, now) !== (verdict.kind === 'legal'))
      wrong.push(
        `${verdict.kind === 'legal' ? 'passed' : `refused (${verdict.why})`}: ${bytes.toString('hex')} for ${JSON.stringify(
          [receive, { ...target, snapshots: [...target.snapshots] }],
          (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
        )}`,
      );
  }
  return { wrong, legal, refused: count - legal };
}

function mutated(random: Random, recorded: Buffer, guids: readonly bigint[]): Buffer {
  const head = Buffer.from(recorded);
  for (let left = Math.floor(random() * 3); left > 0; left--) mutate(random, head, guids);
  const cut = random();
  if (cut < 0.01) return head.subarray(0, Math.floor(random() * 312));
  return cut < 0.02 ? Buffer.concat([head, Buffer.alloc(1)]) : head;
}

function mutate(random: Random, head: Buffer, guids: readonly bigint[]): void {
  const seconds = BigInt(now.getTime() / 1000);
  const guid = (): bigint => pick(random, [...guids, 0n, 7n, 2n ** 64n - 1n]);
  pick(random, [
    () => {
      head[Math.floor(random() * head.length)] = Math.floor(random() * 256);
    },
    () => {
      // Where the fields are.
      const at = Math.floor(random() * 60);
      head[at] = (head[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    },
    () => {
      patchHead(head, { toGuid: guid() });
    },
    () => {
      patchHead(head, { fromGuid: guid() });
    },
    () => {
      const ahead = pick(random, [0n, 86_400n, 86_401n, -1n, 2n ** 40n]);
      patchHead(head, { creation: pick(random, [seconds + ahead, 0n, 2n ** 64n - 1n]) });
    },
    () => {
      patchHead(head, { objset: pick(random, [0, 1, 2, 3, 4]) });
    },
    () => {
      patchHead(head, { flags: pick(random, [1, 2, 4, 8]) });
    },
    () => {
      patchHead(head, { features: pick(random, Object.values(features)) });
    },
    () => {
      const names = [
        'a@b',
        'a@b c',
        'a',
        '@',
        'a@',
        'a@b@c',
        'a@..',
        'a@b/c',
        'a@b%c',
        'a@\u00e4',
        'a@b\nc',
        'a@#b',
      ];
      patchHead(head, { toName: pick(random, [...names, `a@${'x'.repeat(253)}`, 'a@x=y']) });
    },
    () => {
      head.fill(1 + Math.floor(random() * 255), 56);
    },
    () => {
      head.writeUInt32LE(pick(random, [0, 1, 1028]), 4);
    },
  ])();
}

function anyTarget(random: Random, guids: readonly bigint[]): readonly [Receive, Target] {
  const isBranch = random() < 0.3;
  const flags = pick(random, ['none', 'Lec', 'w', '-']);
  const isThere = random() < 0.7;
  const some = guids.filter(() => random() < 0.1);
  const hasOrigin = isBranch && random() < 0.6;
  const hasFlags = !isBranch && random() < 0.2;
  const receive: Receive = {
    target: isBranch ? branch : pick(random, [home, parseDatasetName(`${home}/mail`)]),
    short: random() < 0.2 ? pick(random, ['b-7', 'a b']) : null,
    origin: hasOrigin ? origin : null,
    hasOptions: hasOrigin || hasFlags,
    home,
    sendFlags: hasFlags ? pick(random, ['none', 'Lec', 'w']) : null,
  };
  const partial = {
    toName: origin,
    toGuid: pick(random, guids),
    fromGuid: pick(random, [null, ...guids.filter((guid) => guid !== 0n)]),
    bytes: 1n,
    flags: pick(random, [[], ['L', 'e', 'c'], ['w']]),
  };
  const target: Target = {
    isThere,
    snapshots: new Map(
      isThere ? some.filter((guid) => guid !== 0n).map((guid) => [guid, `${home}@${guid}`]) : [],
    ),
    partial: isThere ? pick(random, [null, null, 'unknown', partial, partial]) : null,
    originGuid: hasOrigin ? pick(random, [null, ...guids]) : null,
    home: random() < 0.1 ? null : { sendFlags: flags, isEncrypted: random() < 0.5 },
  };
  return [receive, target];
}
