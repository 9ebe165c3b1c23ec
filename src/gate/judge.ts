import { isPlainWord } from '../host/remote-words.ts';
import { flagsProperty } from '../sync/properties.ts';
import { childOf } from '../zfs/names.ts';
import type { ResumeTokenFields } from '../zfs/resume-token.ts';
import { forms, type Form } from './forms.ts';
import type { Policy } from './policy.ts';
import { judgeOf } from './slots.ts';
import type { Receive } from './target.ts';

/** What becomes of a command line. */
export type Verdict =
  | {
      readonly kind: 'legal';
      /** The words behind `zfs`. */
      readonly words: readonly string[];
      /** Not null: only if zfs has this snapshot under this guid. */
      readonly token: ResumeTokenFields | null;
      /** Not null: only a stream that judgeStream takes. */
      readonly receive: Receive | null;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** As much as Linux passes in one environment variable (MAX_ARG_STRLEN). */
const longest = 128 * 1024;

/** Whether a command line is one that Roamhome sends, about what the key is for. Never throws. Pure. */
export function judge(line: string, policy: Policy): Verdict {
  if (line === '') return refused('no command was given');
  if (line.length > longest) return refused('the command is too long');
  // No shell reads it: what is between single spaces is a word, and has no other meaning.
  const words = line.split(' ');
  if (!words.every(isPlainWord)) return refused('it has other characters than the commands of Roamhome');
  const form = forms.find((each) => hasForm(words, each));
  if (form === undefined) return refused('it is no command of Roamhome');
  if (form.mode === 'append' && policy.mode === 'read') return refused('this key may only read');
  try {
    return { kind: 'legal', words: words.slice(1), ...meet(words, form, policy) };
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}

/** Whether it is legal for any of the keys, which nothing tells apart; `policy`: the one that lets it through, or has refused it. Pure. */
export function judgeForAny(
  line: string,
  policies: readonly Policy[],
): { readonly verdict: Verdict; readonly policy: Policy | null } {
  const all = policies.map((policy) => ({ verdict: judge(line, policy), policy }));
  return (
    all.find(({ verdict }) => verdict.kind === 'legal') ??
    all[0] ?? { verdict: refused('no key of a Mac is let in'), policy: null }
  );
}

const refused = (why: string): Verdict => ({ kind: 'refused', why });

function hasForm(words: readonly string[], { words: form }: Form): boolean {
  const isOpen = form.at(-1)?.endsWith('…') === true;
  if (isOpen ? words.length < form.length : words.length !== form.length) return false;
  return form.every((expected, at) => expected === words[at] || judgeOf(expected) !== null);
}

/** Throws for a word that may not stand where it does, and for words about two users. */
function meet(
  words: readonly string[],
  { words: form, mode }: Form,
  policy: Policy,
): { readonly token: ResumeTokenFields | null; readonly receive: Receive | null } {
  const meanings = words.map((word, at) => judgeOf(form[at] ?? form.at(-1) ?? '')?.(word, policy) ?? {});
  const users = new Set(meanings.flatMap(({ user }) => user ?? []));
  if (mode === 'append' && users.size > 1)
    throw new Error(`it mixes what is of ${[...users].join(' and of ')}`);
  const { target, user } = meanings.find((one) => one.target !== undefined) ?? {};
  const flags = words.find((word) => word.startsWith(`${flagsProperty}=`));
  const receive: Receive | null =
    target === undefined || user === undefined
      ? null
      : {
          target: target.dataset,
          short: target.short,
          origin: meanings.find(({ origin }) => origin !== undefined)?.origin ?? null,
          hasOptions: words.includes('-o'),
          home: childOf(policy.homes, user),
          sendFlags: flags?.slice(flagsProperty.length + 1) ?? null,
        };
  return { token: meanings.find(({ token }) => token !== undefined)?.token ?? null, receive };
}
