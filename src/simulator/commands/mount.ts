import { usageError, ZfsFailure } from '../failure.ts';
import { openFileSystem, type Call, type Machine } from '../machine.ts';
import { mountDataset, nativeValue, noteFirstWrite, unmountTree, whyNotMountable } from '../mounting.ts';
import type { Dataset } from '../model.ts';
import { parseWords } from '../options.ts';

function sorted(machine: Machine): readonly Dataset[] {
  return [...machine.datasets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** zfs mount [-a] [-o ro|rw|remount,...] [FILESYSTEM]; without arguments it lists what is mounted. */
export function mount(call: Call, words: readonly string[]): number {
  const options = parseWords('mount', words, 'aflvOo:');
  const { machine } = call;
  if (options.has('a')) {
    for (const each of sorted(machine)) {
      if (nativeValue(machine, each, 'canmount') !== 'on' || whyNotMountable(machine, each) !== null)
        continue;
      if (call.user === 'root') mountDataset(machine, each, false);
    }
    return 0;
  }
  const [name] = options.rest;
  if (name === undefined) {
    for (const each of sorted(machine)) {
      if (each.mounted !== null)
        call.out(`${each.name.padEnd(30)}  ${nativeValue(machine, each, 'mountpoint')}\n`);
    }
    return 0;
  }
  if (options.rest.length > 1) throw usageError('too many arguments', 'mount');
  const flags = options.all('o').flatMap((value) => value.split(','));
  const dataset = openFileSystem(machine, name);
  if (flags.includes('remount')) return remount(dataset, flags);
  const why = whyNotMountable(machine, dataset);
  if (why !== null) throw new ZfsFailure(why);
  if (call.user !== 'root') throw new ZfsFailure(`cannot mount '${name}': Insufficient privileges`);
  mountDataset(machine, dataset, flags.includes('ro'));
  return 0;
}

function remount(dataset: Dataset, flags: readonly string[]): number {
  if (dataset.mounted === null) throw new ZfsFailure(`cannot mount '${dataset.name}': Invalid argument`);
  dataset.mounted = { ...dataset.mounted, readonly: flags.includes('ro') };
  noteFirstWrite(dataset);
  return 0;
}

/** zfs unmount [-fu] FILESYSTEM|MOUNTPOINT | -a */
export function unmount(call: Call, words: readonly string[]): number {
  const options = parseWords('unmount', words, 'afu');
  const { machine } = call;
  if (options.has('a')) {
    for (const each of [...sorted(machine)].reverse()) unmountTree(machine, each, options.has('f'));
    return 0;
  }
  const [name] = options.rest;
  if (name === undefined) throw usageError('missing filesystem argument', 'unmount');
  const dataset = name.startsWith('/')
    ? sorted(machine).find(
        (each) => each.mounted !== null && nativeValue(machine, each, 'mountpoint') === name,
      )
    : openFileSystem(machine, name);
  if (dataset === undefined) throw new ZfsFailure(`cannot unmount '${name}': not a mountpoint`);
  const mountpoint = nativeValue(machine, dataset, 'mountpoint');
  if (mountpoint === 'legacy')
    throw new ZfsFailure(
      `cannot unmount '${name}': legacy mountpoint\nuse umount(8) to unmount this filesystem`,
    );
  if (dataset.mounted === null) throw new ZfsFailure(`cannot unmount '${name}': not currently mounted`);
  if (call.user !== 'root') throw new ZfsFailure(`cannot unmount '${mountpoint}': permission denied`);
  unmountTree(machine, dataset, options.has('f'));
  return 0;
}
