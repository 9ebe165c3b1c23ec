/** A word as one types it into a shell: quoted only where it must be. For commands that a person is told to run. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.:/@=,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
