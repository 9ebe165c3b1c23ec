/** `off` on a dataset below a home: it, and what is below it, is not snapshotted, sent or received. */
export const syncProperty = 'roamhome:sync';

/** The letters of `zfs send` that a home is sent with for all its life, or `none`. */
export const flagsProperty = 'roamhome:sendflags';

/** Native properties that a login looks at on a Mac; `readonly` tells a mount that was left read-only. */
export const localProperties = ['mountpoint', 'canmount', 'readonly'] as const;
