import { RoamhomeError } from '../errors/errors.ts';

/** What was found out, or why it could not be. */
export type Fact<T> =
  { readonly known: true; readonly value: T } | { readonly known: false; readonly error: Error };

/** Facts by name. */
export type Facts<T> = { readonly [Name in keyof T]: Fact<T[Name]> };

/** How each fact is found out, with the tools for it; what it throws is why it is not known. */
export type Questions<Tools, T> = {
  readonly [Name in keyof T]: (tools: Tools) => Promise<T[Name]> | T[Name];
};

/** The fact behind an answer. Never rejects: what went wrong with one fact is no other's matter. */
export async function learn<T>(ask: () => Promise<T> | T): Promise<Fact<T>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    return { known: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/**
 * Asks `first`, then all other questions side by side; without the tools none is answered, for the reason why there are
 * none.
 */
export async function gather<Tools, T>(
  questions: Questions<Tools, T>,
  tools: Fact<Tools>,
  first: readonly (keyof T)[] = [],
): Promise<Facts<T>> {
  const ask = async (name: keyof T) =>
    [name, tools.known ? await learn(() => questions[name](tools.value)) : tools] as const;
  const answers = [];
  for (const name of first) answers.push(await ask(name));
  const others = (Object.keys(questions) as (keyof T)[]).filter((name) => !first.includes(name));
  return Object.fromEntries([...answers, ...(await Promise.all(others.map(ask)))]) as Facts<T>;
}

/** Two facts as one, known when both are. */
export function both<A, B>(a: Fact<A>, b: Fact<B>): Fact<readonly [A, B]> {
  if (!a.known) return a;
  return b.known ? { known: true, value: [a.value, b.value] } : b;
}

/** Why a fact is not known, when it is for one of the reasons that `isOwn` picks out. */
export function failureOf(
  fact: Fact<unknown>,
  isOwn: (error: RoamhomeError) => boolean,
): RoamhomeError | null {
  return !fact.known && fact.error instanceof RoamhomeError && isOwn(fact.error) ? fact.error : null;
}
