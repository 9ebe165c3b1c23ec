/**
 * Roamhome as its first line starts it, with guest/kill-at.cjs loaded before it: what NODE_OPTIONS would have node load, that
 * line takes away.
 */
export const killable =
  'node --require=/opt/roamhome-test/kill-at.cjs --single-threaded --min-semi-space-size=16 "$(readlink -f "$(command -v roamhome)")"';
