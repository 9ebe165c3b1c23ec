import { drainPool, fillPool, setInUse } from '../../../src/simulator/files.ts';
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
