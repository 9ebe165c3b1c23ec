import { isAllowed } from '../delegation.ts';
import { cannotOpen, usageError, ZfsFailure } from '../failure.ts';
import { findBookmark, findSnapshot, type Call, type Machine } from '../machine.ts';
import { snapshotName, type Bookmark, type Snapshot } from '../model.ts';
import { parseWords, type Words } from '../options.ts';
import { niceBytes } from '../space.ts';
import { encodePayload, encodeStream, packageMagic } from '../stream/stream.ts';
import { decodeToken, tokenContents, type Token } from '../stream/token.ts';

/** What is to be sent: each snapshot with what it goes on from. */
interface Part {
  readonly from: { readonly version: Snapshot | Bookmark; readonly name: string } | null;
  readonly to: Snapshot;
  /** Bytes that the receiver has; null: the stream is not a resumed one. */
  readonly resumed: number | null;
}

/** Bytes of a stream besides its contents, as far as an estimate goes. */
const overheadBytes = 624;

/**
 * zfs send [-LecwpPvnV] [-i|-I FROM] SNAPSHOT | -t TOKEN : checks, prints what -v and -n print, and gives the stream's
 * chunks, which are made as they are asked for.
 */
export function send(call: Call, words: readonly string[]): Iterable<Buffer> {
  const options = parseWords('send', words, 'LecwpPvnVDbRhi:I:t:');
  const token = options.last('t');
  if (token !== undefined) return resume(call, decodeToken(token), options);
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing snapshot argument', 'send');
  const to = name.includes('@') ? findSnapshot(call.machine, name) : undefined;
  if (to === undefined) throw cannotOpen(name);
  const parts = partsOf(call.machine, to, options);
  const what = `warning: cannot send '${name}'`;
  const intermediates = options.last('I') !== undefined;
  if (intermediates && !isAllowed(call.machine, call.user, to.dataset.name, 'hold')) {
    throw new ZfsFailure(
      `cannot hold: permission denied\ncannot send '${to.dataset.name}': permission denied`,
    );
  }
  if (!isAllowed(call.machine, call.user, to.dataset.name, 'send'))
    throw new ZfsFailure(`${what}: permission denied`);
  const flags = ['L', 'e', 'c', 'w'].filter((letter) => options.has(letter));
  return stream(call, parts, flags, intermediates, options);
}

/** The names as -i and -I take them: whole, or from the @ or # on. */
function wholeName(to: Snapshot, from: string): string {
  return /^[@#]/.test(from)
    ? to.dataset.name + from
    : /[@#]/.test(from)
      ? from
      : `${to.dataset.name}@${from}`;
}

function partsOf(machine: Machine, to: Snapshot, options: Words): readonly Part[] {
  const given = options.last('I') ?? options.last('i');
  if (given === undefined) return [{ from: null, to, resumed: null }];
  const name = wholeName(to, given);
  const version = name.includes('#') ? findBookmark(machine, name) : findSnapshot(machine, name);
  const what = `warning: cannot send '${snapshotName(to)}'`;
  if (version === undefined) {
    if (name.includes('@') && options.last('I') === undefined) throw cannotOpen(name);
    throw new ZfsFailure(`${what}: incremental source (${name}) does not exist`);
  }
  if (!isEarlier(version, name, to))
    throw new ZfsFailure(`${what}: not an earlier snapshot from the same fs`);
  const from = { version, name };
  if (options.last('I') === undefined) return [{ from, to, resumed: null }];
  const { snapshots } = to.dataset;
  // Of each snapshot's source zfs tells the short name alone (lib/libzfs/libzfs_sendrecv.c, dump_snapshot).
  const source = { version, name: name.slice(name.search(/[@#]/) + 1) };
  const between = snapshots
    .slice(0, snapshots.indexOf(to) + 1)
    .filter(({ createtxg }) => createtxg > version.createtxg);
  return between.map((each, i) => {
    const before = between[i - 1];
    return {
      from: before === undefined ? source : { version: before, name: before.short },
      to: each,
      resumed: null,
    };
  });
}

/** True when the source lies on the snapshot's own line of history: on the origin's, not after the branch. */
function isEarlier(version: Snapshot | Bookmark, name: string, to: Snapshot): boolean {
  const [above] = name.split(/[@#]/, 1);
  let { dataset, createtxg: before } = to;
  while (dataset.name !== above) {
    if (dataset.origin === null) return false;
    before = dataset.origin.createtxg + 1n;
    dataset = dataset.origin.dataset;
  }
  return version.createtxg < before;
}

function versionOfGuid(machine: Machine, guid: string, dataset: string): Part['from'] {
  const datasets = [...machine.datasets.values()].sort(
    (a, b) => Number(b.name === dataset) - Number(a.name === dataset),
  );
  for (const each of datasets) {
    const snapshot = each.snapshots.find((one) => one.guid === guid);
    if (snapshot !== undefined) return { version: snapshot, name: snapshotName(snapshot) };
    const bookmark = each.bookmarks.find((one) => one.guid === guid);
    if (bookmark !== undefined) return { version: bookmark, name: `${each.name}#${bookmark.short}` };
  }
  return null;
}

function resume(call: Call, token: Token, options: Words): Iterable<Buffer> {
  const { machine } = call;
  const contents = tokenContents(token);
  if (options.has('v')) (options.has('n') ? call.out : call.err)(contents);
  const gone = (why: string): ZfsFailure => new ZfsFailure(`cannot resume send: ${why}`, 255);
  const snapshots = [...machine.datasets.values()].flatMap((dataset) => dataset.snapshots);
  const named = findSnapshot(machine, token.toname);
  const to = named?.guid === token.toguid ? named : snapshots.find(({ guid }) => guid === token.toguid);
  if (to === undefined) {
    throw gone(
      named === undefined
        ? `'${token.toname}' used in the initial send no longer exists`
        : `'${token.toname}' is no longer the same snapshot used in the initial send`,
    );
  }
  const from = token.fromguid === null ? null : versionOfGuid(machine, token.fromguid, to.dataset.name);
  if (from === null && token.fromguid !== null) {
    throw gone(`incremental source 0x${BigInt(token.fromguid).toString(16)} no longer exists`);
  }
  if (!isAllowed(machine, call.user, to.dataset.name, 'send')) {
    throw new ZfsFailure(`warning: cannot send '${snapshotName(to)}': permission denied`, 255);
  }
  return stream(call, [{ from, to, resumed: token.bytes }], token.flags, false, options);
}

function stream(
  call: Call,
  parts: readonly Part[],
  flags: readonly string[],
  isPackage: boolean,
  options: Words,
): Iterable<Buffer> {
  if (!flags.includes('w')) {
    for (const { to } of parts)
      if (to.dataset.encryptionRoot?.key?.loaded === false)
        throw new ZfsFailure(`warning: cannot send '${snapshotName(to)}': dataset key must be loaded`);
  }
  const payloads = parts.map(({ from, to }) => encodePayload(from?.version.tree ?? null, to.tree));
  const sizes = payloads.map((payload, i) => payload.length - (parts[i]?.resumed ?? 0) + overheadBytes);
  const say = options.has('n') ? call.out : call.err;
  if (options.has('P')) {
    for (const [i, part] of parts.entries()) say(`${kindOf(part, '\t')}\t${sizes[i] ?? 0}\n`);
    say(`size\t${sizes.reduce((sum, size) => sum + size, 0)}\n`);
  } else if (options.has('v')) {
    for (const [i, part] of parts.entries())
      say(`${kindOf(part, ' ')} estimated size is ${niceBytes(sizes[i] ?? 0)}\n`);
    say(`total estimated size is ${niceBytes(sizes.reduce((sum, size) => sum + size, 0))}\n`);
  }
  return options.has('n') ? [] : chunksOf(parts, payloads, flags, isPackage);
}

function kindOf({ from, to }: Part, separator: '\t' | ' '): string {
  const name = snapshotName(to);
  if (separator === '\t') return from === null ? `full\t${name}` : `incremental\t${from.name}\t${name}`;
  if (from === null) return `full send of ${name}`;
  return `send from ${/[@#]/.test(from.name) ? '' : '@'}${from.name} to ${name}`;
}

function* chunksOf(
  parts: readonly Part[],
  payloads: readonly Buffer[],
  flags: readonly string[],
  isPackage: boolean,
): Generator<Buffer, void, undefined> {
  if (isPackage) yield Buffer.from(`${packageMagic}${JSON.stringify({ count: parts.length })}\n`);
  for (const [i, { from, to, resumed }] of parts.entries()) {
    const payload = payloads[i] ?? Buffer.alloc(0);
    const key = to.dataset.encryptionRoot?.key ?? null;
    const isRaw = key !== null && flags.includes('w');
    const header = {
      toguid: to.guid,
      fromguid: from?.version.guid ?? null,
      toname: snapshotName(to),
      creation: to.creation,
      written: writtenSince(from, to),
      flags: isRaw ? ['c', 'w'] : flags.includes('w') ? ['L', 'e', 'c'] : flags,
      volsize: to.dataset.volsize,
      raw: isRaw
        ? {
            key: { cipher: key.cipher, keyformat: key.keyformat, secret: key.secret },
            toIvset: to.ivset,
            fromIvset: from?.version.ivset ?? null,
          }
        : null,
      length: payload.length,
      resuming: resumed !== null,
      resumed: resumed ?? 0,
    };
    yield* encodeStream(header, payload);
  }
}

/** What the snapshots from one to the other wrote, as the receiving side will count it. */
function writtenSince(from: Part['from'], to: Snapshot): number {
  const { snapshots } = to.dataset;
  let bytes = 0;
  for (const each of snapshots.slice(0, snapshots.indexOf(to) + 1)) {
    if (from === null || each.createtxg > from.version.createtxg) bytes += each.written;
  }
  return bytes;
}
