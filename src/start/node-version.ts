/** The oldest Node that runs Roamhome: that of package.json's `engines`. */
const oldest = [20, 19] as const;

/** What is told on a Node that is too old; null: it will do. Pure. */
export function oldNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return null;
  return `roamhome: this is Node ${version}; Roamhome needs Node ${oldest.join('.')} or newer: install it (https://nodejs.org), then run \`roamhome install\` again`;
}
