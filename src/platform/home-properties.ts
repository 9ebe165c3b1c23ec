/**
 * What a home has on every system. What is in it came from other machines, with whatever key was at hand there: no file of it
 * gives its owner's rights, and no device of it leads to a disk. atime: reading would change the home.
 */
export const homePropertiesEverywhere = { atime: 'off', setuid: 'off', devices: 'off' } as const;
