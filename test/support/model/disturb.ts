import { drainPool, fillPool, setInUse } from '../../../src/simulator/files/files.ts';
import { datasetsAtOrBelow } from '../../../src/simulator/machine.ts';
import type { Mac, World } from './world.ts';

const home = 'data/profiles/alice';

/** True when the home is mounted in whatever way, also read-only. */
export function isMountedSomehow(mac: Mac): boolean {
  return (mac.machine.datasets.get(home)?.mounted ?? null) !== null;
}

/** Somebody else's files take all of a pool, or are gone again. */
export function setFull(world: World, where: Mac | 'server', full: boolean): void {
  const machine = where === 'server' ? world.server : where.machine;
  drainPool(machine, 'data');
  if (full) fillPool(machine, 'data');
  if (where !== 'server') where.full = full;
}

/** A program has a file of the home open, for so many tries to unmount it. */
export function setBusy(mac: Mac, tries: number, evenByForce: boolean): void {
  if (mac.machine.datasets.has(home)) setInUse(mac.machine, home, tries > 0, { tries, evenByForce });
}

/** The snapshots go that half-received streams on the server were to end with, where this Mac has them. True: one went. */
export async function pruneInterrupted(world: World, mac: Mac): Promise<boolean> {
  const wanted = new Set(
    datasetsAtOrBelow(world.server, home).flatMap(({ partial }) =>
      partial === null ? [] : [partial.toguid],
    ),
  );
  const found = datasetsAtOrBelow(mac.machine, home).flatMap(({ name, snapshots }) =>
    snapshots.filter(({ guid }) => wanted.has(guid)).map(({ short }) => `${name}@${short}`),
  );
  for (const snapshot of found) {
    const { exitCode, stderr } = await mac.root.run(['zfs', 'destroy', snapshot]);
    if (exitCode !== 0) throw new Error(stderr);
  }
  return found.length > 0;
}
