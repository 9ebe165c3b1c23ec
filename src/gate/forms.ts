import type { Policy } from './policy.ts';

/** A command as it may come in. */
export interface Form {
  /** Each stands for itself, or is the name of a slot; the last is one or more of these with `…` behind it. */
  readonly words: readonly string[];
  /** What a key of this mode, and of those after it, may do. */
  readonly mode: Policy['mode'];
}

/**
 * The commands that Roamhome runs on a server, all of them: nothing else passes the gate. Words in capitals are slots (slots.ts);
 * `[a|b]` is nothing, a or b; `…` is one word or more. Of two forms that a command has, the first counts.
 */
export const table: Readonly<Record<Policy['mode'], readonly string[]>> = {
  read: [
    'zfs list -Hp -t filesystem,snapshot,bookmark -o COLUMNS -s createtxg -r PLACE',
    'zfs list -Hp -t filesystem,snapshot,bookmark -o COLUMNS -r PLACE…',
    'zfs list -Hp -t snapshot,bookmark -o COLUMNS -r PLACE…',
    'zfs list -Hp -o COLUMNS PLACE',
    'zfs send -P -v [-L -e -c|-w] [-i VERSION|-I SNAPSHOT] SNAPSHOT',
    'zfs send -P -v -t TOKEN',
    'zfs allow ROOT',
  ],
  append: [
    'zfs receive -u -s TARGET',
    'zfs receive -u -s -o roamhome:sendflags=none FIRST',
    'zfs receive -u -s -o roamhome:sendflags=Lec FIRST',
    'zfs receive -u -s -o roamhome:sendflags=w FIRST',
    'zfs receive -u -s -o BRANCHING [-o BRANCHING] BRANCH',
    'zfs snapshot COVER',
    'zfs set SETTING HOME',
    'zfs inherit roamhome:session HOME',
  ],
};

export const forms: readonly Form[] = (['read', 'append'] as const).flatMap((mode) =>
  table[mode].flatMap(expand).map((text) => ({ mode, words: text.split(' ') })),
);

/** `a [b|c] d` stands for `a d`, `a b d` and `a c d`. */
function expand(text: string): readonly string[] {
  const [group, choices] = /\[([^\]]*)\] /.exec(text) ?? [];
  if (group === undefined || choices === undefined) return [text];
  return ['', ...choices.split('|').map((choice) => `${choice} `)].flatMap((choice) =>
    expand(text.replace(group, choice)),
  );
}
