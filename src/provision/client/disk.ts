import { RoamhomeError } from '../../errors/errors.ts';

/** What is known of a disk or a partition, and of all that is on it. */
export interface DiskFacts {
  readonly path: string;
  readonly kind: string;
  readonly sizeBytes: bigint;
  readonly model: string;
  readonly serial: string;
  readonly isReadOnly: boolean;
  /** What is on it, in words: a partition, a file system, a member of a pool. */
  readonly holds: readonly string[];
  /** Where it, or a part of it, is mounted or otherwise in use. */
  readonly inUse: readonly string[];
}

interface LsblkDevice {
  readonly path?: string | null;
  readonly type?: string | null;
  readonly size?: number | string | null;
  readonly model?: string | null;
  readonly serial?: string | null;
  readonly fstype?: string | null;
  readonly label?: string | null;
  readonly mountpoint?: string | null;
  readonly ro?: boolean | string | null;
  readonly children?: readonly LsblkDevice[];
}

/** The columns that parseLsblk wants. */
export const lsblkColumns = 'PATH,TYPE,SIZE,MODEL,SERIAL,FSTYPE,LABEL,MOUNTPOINT,RO';

/**
 * Reads `lsblk --json --bytes -o COLUMNS DEVICE`, and what `blkid -p -o export DEVICE` found on the device itself: udev, which
 * lsblk asks, need not know yet. Pure; throws `command-failed` on what it does not understand.
 */
export function parseLsblk(json: string, probed: string): DiskFacts {
  const device = firstDevice(json);
  const { path, type, size } = device ?? {};
  if (
    device === undefined ||
    typeof path !== 'string' ||
    typeof type !== 'string' ||
    !/^\d+$/.test(String(size))
  )
    throw notUnderstood(json);
  const below = descendants(device);
  const own = new Map(
    probed.split('\n').map((line) => [line.split('=')[0] ?? '', line.replace(/^[^=]*=/, '')]),
  );
  const signature = own.get('TYPE') ?? device.fstype ?? '';
  const table = own.get('PTTYPE');
  return {
    ...{ path, kind: type, sizeBytes: BigInt(String(size)) },
    ...{ model: (device.model ?? '').trim(), serial: (device.serial ?? '').trim() },
    isReadOnly: device.ro === true || device.ro === '1',
    holds: [
      ...(signature === '' ? [] : [named(signature, own.get('LABEL') ?? device.label)]),
      ...(table === undefined ? [] : [`a partition table (${table})`]),
      ...below.map(
        (one) =>
          `${one.path ?? '?'} (${one.type ?? '?'}): ${named(one.fstype ?? 'nothing known', one.label)}`,
      ),
    ],
    inUse: [device, ...below].flatMap((one) => [
      ...(one.mountpoint === null || one.mountpoint === undefined
        ? []
        : [`${one.path ?? '?'} is at ${one.mountpoint}`]),
      // On a bare disk or partition nothing but partitions lies; crypt, lvm and raid have it in use.
      ...(one.type === 'disk' || one.type === 'part' || one.type === 'loop'
        ? []
        : [`${one.path ?? '?'} (${one.type ?? '?'}) uses it`]),
    ]),
  };
}

function firstDevice(json: string): LsblkDevice | undefined {
  try {
    return (JSON.parse(json) as { blockdevices?: readonly LsblkDevice[] }).blockdevices?.[0];
  } catch (cause) {
    throw notUnderstood(json, cause);
  }
}

function descendants(device: LsblkDevice): readonly LsblkDevice[] {
  return (device.children ?? []).flatMap((child) => [child, ...descendants(child)]);
}

function named(what: string, label: string | null | undefined): string {
  return label === null || label === undefined || label === '' ? what : `${what} "${label}"`;
}

/** What a person is shown before they agree. Pure. */
export function describeDisk(disk: DiskFacts): readonly string[] {
  const size = `${(Number(disk.sizeBytes) / 1e9).toFixed(1)} GB`;
  const what = [disk.model, disk.serial].filter((text) => text !== '').join(', serial ');
  return [
    `${disk.path}: ${disk.kind}, ${size}${what === '' ? '' : `, ${what}`}`,
    ...(disk.holds.length === 0 ? ['  nothing is on it'] : disk.holds.map((one) => `  on it: ${one}`)),
  ];
}

/** Throws `in-the-way` unless a pool may be made on it. `force`: what is on it may go; what is in use stays all the same. Pure. */
export function demandFree(disk: DiskFacts, { force }: { readonly force: boolean }): void {
  if (disk.isReadOnly) throw refused(disk, 'it is read-only', 'Choose another.');
  if (disk.inUse.length > 0)
    throw refused(
      disk,
      `it is in use: ${disk.inUse.join('; ')}`,
      'Choose another, or unmount it and take it out of use first.',
    );
  if (disk.holds.length > 0 && !force)
    throw refused(
      disk,
      `there are data on it: ${disk.holds.join('; ')}`,
      'Choose another. If all of that may be lost: --force.',
    );
}

function refused({ path }: DiskFacts, why: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'in-the-way', message: `no pool is made on ${path}: ${why}`, remedy });
}

function notUnderstood(text: string, cause?: unknown): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `lsblk printed what is not understood: ${JSON.stringify(text.slice(0, 200))}`,
    remedy: 'Make the pool by hand (zpool create), and name it with --pool.',
    cause,
  });
}
