import { RoamhomeError } from '../errors/errors.ts';
import type { Argv } from './host.ts';

/** What passes every restricted shell as it is, and no shell gives a meaning to (DESIGN, rule 7). */
const plainWord = /^[A-Za-z0-9_.:/@#=,%+-]+$/;

/** At the start of a word even these mean something: `#` begins a comment in sh, `=` a program's path in zsh. */
const specialStart = /^[#=]/;

/** True for a word that passes every shell, restricted or not, as it is. */
export function isPlainWord(word: string): boolean {
  return plainWord.test(word) && !specialStart.test(word);
}

/**
 * The command line for the server: plain words joined by single spaces, the first of them `zfs`.
 * Anything that a shell could read as more than a word is refused with `name-invalid` before it is sent.
 */
export function remoteCommand(argv: Argv): string {
  if (argv[0] !== 'zfs') {
    throw new RoamhomeError({
      code: 'name-invalid',
      message: `the only program that runs on the server is zfs, not ${JSON.stringify(argv[0])}`,
      remedy: 'Please report this: nothing that you configure chooses the program.',
    });
  }
  for (const word of argv) {
    if (!isPlainWord(word)) throw unplainWord(word);
  }
  return argv.join(' ');
}

function unplainWord(word: string): RoamhomeError {
  return new RoamhomeError({
    code: 'name-invalid',
    message: `${JSON.stringify(word)} cannot be sent to the server as a plain word`,
    remedy:
      'Rename the dataset or snapshot: only letters (a-z, A-Z), digits and _ . : / @ # = , % + - pass a restricted shell, # and = not at the start.',
  });
}
