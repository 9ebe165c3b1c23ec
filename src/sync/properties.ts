import type { SendFlags } from '../zfs/commands/stream.ts';

/** `off` on a dataset below a home: it, and what is below it, is not snapshotted, sent or received. */
export const syncProperty = 'roamhome:sync';

/** The letters of `zfs send` that a home is sent with for all its life, or `none`. */
export const flagsProperty = 'roamhome:sendflags';

/** How the flags are noted there. */
export function shownFlags(flags: SendFlags): string {
  return flags === '' ? 'none' : flags;
}

/** On a line of history that was set aside, or that lies beside a home on the server: whose it is. */
export const conflictProperty = 'roamhome:conflict';

/** `on` on a conflict that is being brought to this Mac: not all of it is here yet, though every dataset may look whole. */
export const fetchingProperty = 'roamhome:fetching';

/** On a home on the server: who says to be logged in where, and since when. Advisory: see docs/adr/0006 and 0013. */
export const sessionProperty = 'roamhome:session';

/**
 * On a home of a Mac: the names of its lines that were set aside there, with commas between; `none`: none is left. A
 * hint of what to look for, read with all else of the home.
 */
export const setAsideProperty = 'roamhome:set-aside';

/**
 * On a home of a Mac: those of its lines set aside there that the server has not got yet, as `setAsideProperty` names them. They are
 * sent by the next run that can.
 */
export const unsentProperty = 'roamhome:unsent';

/**
 * On a home on the server: the folders that are to stay on each Mac (excluded-folders.ts). Homes below a dataset that has it,
 * and that have none of their own, share its list.
 */
export const excludedProperty = 'roamhome:excluded';

/** On the dataset of an excluded folder, once it holds the folder: which one it is. */
export const folderProperty = 'roamhome:folder';

/**
 * On a home of a Mac: as it lay when it was last proved to hold no changes of the user's (unchanged-mark.ts), though it was
 * written to. Only for those who look at it without mounting it.
 */
export const unchangedProperty = 'roamhome:unchanged';

/**
 * Native properties that a login looks at on a Mac; `readonly` tells a mount that was left read-only, `origin` what a
 * clone hangs on.
 */
export const localProperties = ['mountpoint', 'canmount', 'readonly', 'origin'] as const;
