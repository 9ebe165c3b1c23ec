import type { Dataset } from './version.ts';

/** `legacy`: `mount` and fstab alone mount it, with options of their own. */
const placeless: ReadonlySet<string | undefined> = new Set(['none', 'legacy']);

/** False: zfs mounts nothing there. Pure. */
export function isPlace(mountpoint: string | undefined): boolean {
  return !placeless.has(mountpoint);
}

/**
 * True when `zfs mount` can mount the dataset where its properties say. One that has no place is snapshotted and sent like any
 * other. Pure.
 */
export function hasPlace({ properties }: Pick<Dataset, 'properties'>): boolean {
  return properties['canmount'] !== 'off' && isPlace(properties['mountpoint']);
}
