import type { Receive, Target } from '../../../src/gate/target.ts';

// What docs/security.md says of the heads of streams, written down a second time, from there and from zfs_ioctl.h, without a line
// of src/gate.

/** Whether a stream that begins with these bytes may be received so. */
export function mayBeReceived(bytes: Uint8Array, receive: Receive, target: Target, now: Date): boolean {
  if (bytes.length !== 312) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = 12_712_594_348n;
  const little = [true, false].find((order) => view.getBigUint64(8, order) === magic);
  if (little === undefined || view.getUint32(0, little) !== 0) return false;
  const version = view.getBigUint64(16, little);
  const name = new TextDecoder('latin1').decode(bytes.subarray(56)).split('\0');
  if (name.length < 2) return false;
  if (version % 4n === 2n)
    return view.getUint32(4, little) === 0 && receive.short === null && !receive.hasOptions;
  if (version % 4n !== 1n) return false;

  const bit = (number: bigint): boolean => (version / 4n / 2n ** number) % 2n === 1n;
  const [resumed, redacted, raw] = [bit(20n), bit(21n), bit(24n)];
  const isClone = view.getUint32(36, little) % 2 === 1;
  const [to, from] = [view.getBigUint64(40, little), view.getBigUint64(48, little)];
  if (redacted || view.getUint32(32, little) !== 2) return false;

  const parts = (name[0] ?? '').split('@');
  const stored = receive.short ?? parts[1] ?? '';
  if (parts.length !== 2 || /[^\w.:-]/.test(stored) || ['', '.', '..'].includes(stored)) return false;
  if (Number(view.getBigUint64(24, little)) > Math.floor(now.getTime() / 1000) + 86_400) return false;
  if (to === 0n || to === from || [...target.snapshots.keys()].includes(to)) return false;

  if (resumed) {
    const { partial } = target;
    if (partial === null || partial === 'unknown') return false;
    if (partial.toGuid !== to || (partial.fromGuid ?? 0n) !== from) return false;
    return raw === partial.flags.join('').includes('w');
  }
  if (receive.origin === null) {
    if (isClone) return false;
    if (from !== 0n && ![...target.snapshots.keys()].includes(from)) return false;
  } else if (target.originGuid !== from) return false;
  if (receive.sendFlags !== null) return raw === (receive.sendFlags === 'w');
  const { home } = target;
  if (home !== null) return raw === (home.sendFlags === 'w' && home.isEncrypted);
  const isBranch = !`${receive.target}/`.startsWith(`${receive.home}/`);
  return isBranch || !raw;
}
