import { notOfThisType, ZfsFailure } from './failure.ts';
import { datasetsAtOrBelow, type Call, type Machine } from './machine.ts';
import type { Dataset } from './model.ts';
import { effectiveProperty } from './properties.ts';
import { withEntry, writtenBetween } from './tree.ts';

/** What the first writable mount of a dataset writes (docs/zfs-behaviour.md). */
const firstMountBytes = 8192;

/** What the head of the intent log takes that each later mount writes (docs/zfs-behaviour.md). */
const logHeadBytes = 8192;

/** A native property's value as it holds for the dataset. */
export function nativeValue(machine: Machine, dataset: Dataset, name: string): string {
  return effectiveProperty(machine, dataset, name)?.value ?? '-';
}

/** Why the dataset cannot be mounted, as `zfs mount` says it; null: it can. */
export function whyNotMountable(machine: Machine, dataset: Dataset): string | null {
  const { name } = dataset;
  if (dataset.volsize !== null) return notOfThisType(name).stderr.trimEnd();
  const mountpoint = nativeValue(machine, dataset, 'mountpoint');
  if (mountpoint === 'legacy')
    return `cannot mount '${name}': legacy mountpoint\nuse mount(8) to mount this filesystem`;
  if (mountpoint === 'none') return `cannot mount '${name}': no mountpoint set`;
  if (nativeValue(machine, dataset, 'canmount') === 'off')
    return `cannot mount '${name}': 'canmount' property is set to 'off'`;
  if (dataset.partial?.newDataset === true) {
    return `cannot mount '${name}': Contains partially-completed state from "zfs receive -s", which can be resumed with "zfs send -t"`;
  }
  if (dataset.mounted !== null) return `cannot mount '${name}': filesystem already mounted`;
  if (dataset.encryptionRoot?.key?.loaded === false)
    return `cannot mount '${name}': encryption key not loaded`;
  const holder = holderOf(machine, mountpoint);
  if (holder?.dataset.mounted?.readonly === true && !holder.dataset.live.has(holder.path)) {
    return `cannot mount '${mountpoint}': failed to create mountpoint: Read-only file system`;
  }
  if (machine.mountpointTaken(mountpoint)) return `cannot mount '${mountpoint}': directory is not empty`;
  return null;
}

/** The mounted dataset in whose files a mountpoint lies, and where there. */
function holderOf(machine: Machine, mountpoint: string): { dataset: Dataset; path: string } | null {
  let found: { dataset: Dataset; path: string } | null = null;
  for (const dataset of machine.datasets.values()) {
    if (dataset.mounted === null) continue;
    const above = `${nativeValue(machine, dataset, 'mountpoint')}/`;
    if (!mountpoint.startsWith(above)) continue;
    const path = mountpoint.slice(above.length);
    if (found === null || path.length < found.path.length) found = { dataset, path };
  }
  return found;
}

/** True when something was mounted later on a directory above. */
function isHidden(machine: Machine, { mounted }: Dataset, mountpoint: string): boolean {
  return [...machine.datasets.values()].some(
    (each) =>
      mounted !== null &&
      each.mounted !== null &&
      each.mounted.order > mounted.order &&
      mountpoint.startsWith(`${nativeValue(machine, each, 'mountpoint')}/`),
  );
}

/** Mounts it; nothing is checked. A mountpoint that is not there yet is made, in the files of what is mounted above. */
export function mountDataset(machine: Machine, dataset: Dataset, readonly: boolean): void {
  const holder = holderOf(machine, nativeValue(machine, dataset, 'mountpoint'));
  if (holder !== null && !holder.dataset.live.has(holder.path)) {
    const tree = withEntry(holder.dataset.live, holder.path, { kind: 'dir', mode: 0o755 });
    holder.dataset.written += writtenBetween(holder.dataset.live, tree);
    holder.dataset.live = tree;
  }
  dataset.mounted = {
    readonly: readonly || nativeValue(machine, dataset, 'readonly') === 'on',
    order: 1 + Math.max(0, ...[...machine.datasets.values()].map((each) => each.mounted?.order ?? 0)),
  };
  if (dataset.logUsed === 'yes' && dataset.logHead === 'clean') dataset.logHead = 'due';
  noteFirstWrite(dataset);
}

/** Its transaction group is written: what a mount has written shows from now on. */
export function settle(dataset: Dataset): void {
  if (dataset.logHead === 'due') dataset.logHead = 'written';
  if (dataset.logUsed === 'due') dataset.logUsed = 'no';
}

/** Files were written that wait for their transaction group. */
export function noteWrite(dataset: Dataset): void {
  if (dataset.logUsed === 'no') dataset.logUsed = 'due';
}

/** What waits is written to the intent log. */
export function useLog(dataset: Dataset): void {
  if (dataset.logUsed === 'due') dataset.logUsed = 'yes';
}

/** Bytes written since its newest snapshot, as far as they show. Of a dataset with other writes the head is among them. */
export function shownWritten({ written, logHead }: Dataset): number {
  return written === 0 && logHead === 'written' ? logHeadBytes : written;
}

/** The first time that a dataset is mounted writable. */
export function noteFirstWrite(dataset: Dataset): void {
  if (dataset.mounted?.readonly !== false || dataset.everMounted) return;
  dataset.everMounted = true;
  dataset.written += firstMountBytes;
}

/** After a create, a clone or a receive: mounts what is to be mounted by itself, if the caller may. */
export function mountAutomatically(call: Call, dataset: Dataset): void {
  if (dataset.volsize !== null || nativeValue(call.machine, dataset, 'canmount') !== 'on') return;
  if (whyNotMountable(call.machine, dataset) !== null) return;
  if (call.user !== 'root') {
    call.err('filesystem successfully created, but it may only be mounted by root\n');
    return;
  }
  mountDataset(call.machine, dataset, false);
}

/** True when a program keeps it from being unmounted: so many tries more, and then no longer. */
function isBusy(machine: Machine, name: string, force: boolean): boolean {
  const use = machine.inUse.get(name);
  if (use === undefined || use.tries <= 0 || (force && !use.evenByForce)) return false;
  use.tries -= 1;
  return true;
}

/**
 * Unmounts a dataset and what is mounted below it. Throws when one of them is in use, or hidden below a later mount,
 * where no path leads to it; then none is unmounted.
 */
export function unmountTree(machine: Machine, dataset: Dataset, force: boolean): void {
  const mounted = datasetsAtOrBelow(machine, dataset.name).filter((each) => each.mounted !== null);
  for (const each of [...mounted].reverse()) {
    const mountpoint = nativeValue(machine, each, 'mountpoint');
    if (isHidden(machine, each, mountpoint))
      throw new ZfsFailure(`cannot unmount '${mountpoint}': unmount failed`);
    if (!isBusy(machine, each.name, force)) continue;
    throw new ZfsFailure(`cannot unmount '${mountpoint}': pool or dataset is busy`);
  }
  for (const each of mounted) {
    each.mounted = null;
    useLog(each);
    settle(each);
    machine.inUse.delete(each.name);
  }
}
