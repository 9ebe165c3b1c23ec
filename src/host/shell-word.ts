/**
 * A word as a shell takes it for what it is: quoted only where it must be (zsh looks for a program behind a `=` at the
 * start). For commands that a person is told to run, and for an admin's own shell on another machine.
 */
export function shellWord(word: string): string {
  return /^(?!=)[A-Za-z0-9_.:/@=,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
