import { usageError } from './failure.ts';

/** A command's options and its other words. */
export interface Words {
  readonly has: (letter: string) => boolean;
  /** The values of an option, in order. */
  readonly all: (letter: string) => readonly string[];
  readonly last: (letter: string) => string | undefined;
  readonly rest: readonly string[];
}

/**
 * Reads words as getopt(3) does for zfs: `letters` are options, one followed by `:` takes a value. Options come
 * before the other words, as POSIX has it; `-d1` and `-d 1` are the same.
 */
export function parseWords(command: string, words: readonly string[], letters: string): Words {
  const values = new Map<string, string[]>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] ?? '';
      const found = letter === ':' ? -1 : letters.indexOf(letter);
      if (found < 0) throw usageError(`invalid option '${letter}'`, command);
      const list = values.get(letter) ?? [];
      values.set(letter, list);
      if (letters[found + 1] !== ':') continue;
      const value = i + 1 < word.length ? word.slice(i + 1) : words[++at];
      if (value === undefined) throw usageError(`missing argument for '${letter}' option`, command);
      list.push(value);
      break;
    }
  }
  return {
    has: (letter) => values.has(letter),
    all: (letter) => values.get(letter) ?? [],
    last: (letter) => values.get(letter)?.at(-1),
    rest: words.slice(at),
  };
}
