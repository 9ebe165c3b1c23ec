/** What root is told on macOS about what its privacy settings keep from a program: Mail, Documents, Desktop. */
const refused = 'Operation not permitted';

/**
 * The remedy where macOS has refused root; null: that is not why. It is
 * the Node that Roamhome runs on to which the right is given.
 */
export function fullDiskAccessRemedy(said: string): string | null {
  if (!said.includes(refused)) return null;
  return (
    "`open 'x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles'` and add " +
    `${process.execPath} there, or give it SystemPolicyAllFiles by a profile (PPPC): without Full Disk Access macOS keeps Mail, Documents and ` +
    'others of a home even from root. Then run it again.'
  );
}
