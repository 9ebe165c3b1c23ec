import { datasetsAtOrBelow, type Machine } from './machine.ts';
import { parentOf, poolOf, type Dataset } from './model.ts';

/** Bytes of a dataset without those below it. */
function ownBytes(dataset: Dataset): number {
  let bytes = dataset.written + (dataset.partial?.bytes ?? 0);
  for (const { written } of dataset.snapshots) bytes += written;
  const reserved = Number(dataset.properties.get('refreservation')?.value ?? 0);
  return Math.max(bytes, reserved);
}

/** Bytes of a dataset and those below it. */
export function usedBytes(machine: Machine, dataset: Dataset): number {
  let bytes = 0;
  for (const each of datasetsAtOrBelow(machine, dataset.name)) {
    const own = ownBytes(each);
    // As if nothing lay below a dataset with a reservation.
    bytes += Math.max(own, Number(each.properties.get('reservation')?.value ?? 0));
  }
  return bytes;
}

/** Why no more fits, or null. */
export function whyFull(machine: Machine, name: string, moreBytes: number): 'quota' | 'pool' | null {
  for (let at: string | null = name; at !== null; at = parentOf(at)) {
    const dataset = machine.datasets.get(at);
    const quota = Number(dataset?.properties.get('quota')?.value ?? 0);
    if (dataset !== undefined && quota > 0 && usedBytes(machine, dataset) + moreBytes > quota) return 'quota';
  }
  return availableInPool(machine, name) < moreBytes ? 'pool' : null;
}

/** What has to be left for anything to be made at all. */
const leastFree = 64 * 1024;

/** True when the pool has no room for another snapshot, bookmark or dataset. */
export function isFull(machine: Machine, name: string): boolean {
  return availableInPool(machine, name) < leastFree;
}

function availableInPool(machine: Machine, name: string): number {
  const pool = machine.pools.get(poolOf(name));
  const root = machine.datasets.get(poolOf(name));
  return pool === undefined || root === undefined ? 0 : Math.max(0, pool.size - usedBytes(machine, root));
}

/** Bytes that the dataset can still take. */
export function availableBytes(machine: Machine, name: string): number {
  let available = availableInPool(machine, name);
  for (let at: string | null = name; at !== null; at = parentOf(at)) {
    const dataset = machine.datasets.get(at);
    const quota = Number(dataset?.properties.get('quota')?.value ?? 0);
    if (dataset !== undefined && quota > 0) {
      available = Math.min(available, Math.max(0, quota - usedBytes(machine, dataset)));
    }
  }
  return available;
}

/** As zfs prints sizes for people: three digits and a unit. */
export function niceBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T', 'P', 'E'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0 || Number.isInteger(value)) return `${value}${units[unit]}`;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)}${units[unit]}`;
}

/** `8M` as bytes; null for what is no size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([KMGTPE]?)B?$/i.exec(text);
  if (match?.[1] === undefined) return null;
  const power = ' KMGTPE'.indexOf((match[2] ?? '').toUpperCase() || ' ');
  return Math.floor(Number(match[1]) * 1024 ** power);
}
