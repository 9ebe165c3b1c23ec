// scripts/build.mjs puts the version of package.json in its place.
declare const ROAMHOME_VERSION: string | undefined;

/** The version of this program; `0.0.0` when it runs unbundled, in tests. */
export const version = typeof ROAMHOME_VERSION === 'string' ? ROAMHOME_VERSION : '0.0.0';
