import { isRoamhomeError, type RoamhomeError } from '../errors/errors.ts';
import type { Slots } from '../host/ssh/slots.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';

/** What a part of thinning runs commands with: so many at a time as there are slots. */
export interface Runner {
  readonly zfs: SyncZfs;
  readonly slots: Slots;
  readonly signal: AbortSignal;
}

export type Attempt<T> =
  { readonly value: T; readonly problem: null } | { readonly value: null; readonly problem: RoamhomeError };

/** Runs a command that may fail without stopping anything else. Throws `cancelled`, and what is no RoamhomeError. */
export async function attempt<T>(
  command: ZfsCommand<T>,
  { zfs, slots, signal }: Runner,
): Promise<Attempt<T>> {
  const giveBack = await slots.take(signal);
  try {
    return { value: await zfs.run(command, { signal }), problem: null };
  } catch (error) {
    if (!isRoamhomeError(error) || error.code === 'cancelled') throw error;
    return { value: null, problem: error };
  } finally {
    giveBack();
  }
}

/** Like Promise.all, but nothing is under way any more when it throws. */
export async function all<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
