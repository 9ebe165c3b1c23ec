import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';

/**
 * A command line in its words, without a shell: blanks part them; quotes of either kind keep what is between them
 * as it is, and outside of them a backslash the character behind it. Nothing else has a meaning. Throws `usage`. Pure.
 */
export function splitWords(text: string): Argv {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const found = /^(?:"[^"]*"|'[^']*'|\\[^]|[^\s"'\\])+/.exec(rest)?.[0] ?? '';
    rest = rest.slice(found.length);
    if (found === '' || !/^(\s|$)/.test(rest)) throw unfinished(text);
    words.push(
      found.replace(
        /"([^"]*)"|'([^']*)'|\\([^])/g,
        (_all, double?: string, single?: string, one?: string) => double ?? single ?? one ?? '',
      ),
    );
    rest = rest.trimStart();
  }
  const [program, ...more] = words;
  if (program === undefined || program === '') throw unfinished(text);
  return [program, ...more];
}

function unfinished(text: string): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(text)} is no command: a program and its words, with every quote closed`,
    remedy: 'There is no shell: for more than a plain command, name a script.',
  });
}
