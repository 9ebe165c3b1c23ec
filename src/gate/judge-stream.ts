import { isPlainWord } from '../host/remote-words.ts';
import { readStreamHead, type StreamHead } from './stream-head.ts';
import type { Receive, Target } from './target.ts';

/** enum dmu_objset_type. */
const filesystem = 2;

/** Clocks are never quite right; a snapshot from further ahead would be kept before all that come until then. */
const longestAhead = 24n * 60n * 60n;

/** A stream that may go to zfs, with what the target then has. */
export type StreamVerdict =
  | { readonly kind: 'legal'; readonly head: StreamHead; readonly stored: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Whether the stream that begins so is one that Roamhome sends to such a target. What zfs itself refuses, in words that the Mac
 * knows, is left to it; what begins with `cannot receive` is said as zfs would (zfs/stderr.ts). Pure.
 */
export function judgeStream(bytes: Buffer, receive: Receive, target: Target, now: Date): StreamVerdict {
  const head = readStreamHead(bytes);
  if (head === null) return { kind: 'refused', why: whyNoStream(bytes) };
  const why = head.isPackage ? whyNoPackage(head, receive) : whyNotReceived(head, receive, target, now);
  if (why !== null) return { kind: 'refused', why };
  return { kind: 'legal', head, stored: `${receive.target}@${receive.short ?? shortOf(head.toName)}` };
}

/** The same of a stream within a package, which holds no further packages. Pure. */
export function judgeInner(bytes: Buffer, receive: Receive, target: Target, now: Date): StreamVerdict {
  if (readStreamHead(bytes)?.isPackage === true)
    return { kind: 'refused', why: 'the stream is a package within a package' };
  return judgeStream(bytes, receive, target, now);
}

function whyNoStream({ length }: Buffer): string {
  return length === 0
    ? 'cannot receive: failed to read from stream: no zfs stream, nothing came'
    : `cannot receive: invalid stream: no zfs stream, ${length} bytes of something else`;
}

/** Those of `zfs send -I` say nothing but that several streams follow. */
function whyNoPackage({ payloadBytes }: StreamHead, { short, hasOptions }: Receive): string | null {
  if (payloadBytes !== 0)
    return 'the stream is a package that carries properties (zfs send -p, -R, -b or -h)';
  if (short !== null || hasOptions) return 'the stream is a package, where a single one is to come';
  return null;
}

function whyNotReceived(head: StreamHead, receive: Receive, target: Target, now: Date): string | null {
  return (
    whyNoHome(head) ??
    whyBadName(head, receive) ??
    whyLater(head, now) ??
    whyThere(head, target) ??
    (head.isResumed ? whyNotResumed(head, receive, target) : whyNoBase(head, receive, target)) ??
    whyNotRaw(head, receive, target)
  );
}

function whyNoHome({ objset, isRedacted }: StreamHead): string | null {
  if (objset !== filesystem)
    return `the stream is of ${objset === 3 ? 'a volume' : `what is no filesystem (${objset})`}`;
  return isRedacted ? 'the stream is redacted: it lacks a part of the files' : null;
}

/** The name under which it is stored is to be one that every command can say. */
function whyBadName({ toName }: StreamHead, { short }: Receive): string | null {
  const name = short ?? shortOf(toName);
  const isOne = toName.split('@').length === 2;
  return isOne && isPlainWord(`@${name}`) && /^[A-Za-z0-9_.:-]+$/.test(name) && name !== '.' && name !== '..'
    ? null
    : `cannot receive: invalid name: the snapshot ${JSON.stringify(name)} is no plain word`;
}

function whyLater({ creation }: StreamHead, now: Date): string | null {
  const ahead = creation - BigInt(Math.floor(now.getTime() / 1000));
  if (ahead <= longestAhead) return null;
  return `the snapshot in the stream was made ${ahead / 3600n} hours later than now`;
}

function whyThere({ toGuid, fromGuid, toName }: StreamHead, { snapshots }: Target): string | null {
  const there = snapshots.get(toGuid);
  if (there !== undefined) return `cannot receive: ${there} is there already, with the guid of ${toName}`;
  return toGuid === 0n || toGuid === fromGuid ? `the stream has no snapshot's guid (${toGuid})` : null;
}

/** zfs goes on with the partial; what it was begun with was judged then. */
function whyNotResumed(head: StreamHead, receive: Receive, { partial }: Target): string | null {
  const isThat =
    partial !== null &&
    partial !== 'unknown' &&
    partial.toGuid === head.toGuid &&
    (partial.fromGuid ?? 0n) === head.fromGuid;
  return isThat ? null : `cannot receive resume stream: nothing waits in ${receive.target} for it`;
}

/**
 * Where an incremental source is not named by `-o origin=`, a stream that says to be a clone has zfs look for its guid in the whole
 * pool, and a clone of what is found there would be made (libzfs_sendrecv.c, zfs_receive_one and guid_to_name).
 */
function whyNoBase(head: StreamHead, receive: Receive, target: Target): string | null {
  const { fromGuid, isClone } = head;
  if (receive.origin !== null)
    return target.originGuid === fromGuid
      ? null
      : mismatch(receive.origin.slice(0, receive.origin.indexOf('@')), fromGuid);
  if (isClone) return `the stream is of a clone, and no origin of it (${fromGuid}) was named`;
  if (fromGuid === 0n || target.snapshots.has(fromGuid)) return null;
  return target.isThere
    ? mismatch(receive.target, fromGuid)
    : `cannot receive incremental stream: destination ${receive.target}: dataset does not exist`;
}

function mismatch(dataset: string, guid: bigint): string {
  return `cannot receive incremental stream: what ${dataset} has does not match incremental source ${guid}`;
}

/** A home is sent as it is encrypted, or is not, for all its life and with all that lies below it. */
function whyNotRaw(head: StreamHead, receive: Receive, { home, partial }: Target): string | null {
  const raw = wantsRaw(head, receive, { home, partial });
  if (raw === null || raw === head.isRaw) return null;
  return head.isRaw
    ? `the stream is raw, and ${receive.home} is not sent so`
    : `the stream is not raw, and ${receive.home} is sent so`;
}

function wantsRaw(
  head: StreamHead,
  { sendFlags, home: name, target }: Receive,
  { home, partial }: Pick<Target, 'home' | 'partial'>,
): boolean | null {
  if (head.isResumed) return partial !== null && partial !== 'unknown' && partial.flags.includes('w');
  if (sendFlags !== null) return sendFlags === 'w';
  if (home !== null) return home.sendFlags === 'w' && home.isEncrypted;
  // A branch of a home that is not there any more.
  return target.startsWith(`${name}/`) || target === name ? false : null;
}

function shortOf(toName: string): string {
  return toName.slice(toName.indexOf('@') + 1);
}
