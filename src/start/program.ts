import type { MacWithoutAccounts, Ran } from '../cli/session/session-without-root.ts';

/** What the bundle exports (scripts/build.mjs): the program, and what its build plays through to warm it up. */
export { run } from '../cli/run.ts';

/** src/cli/session/session-without-root.ts, loaded once it is asked for: a start must not pay for it. */
export async function runSessionWithoutRoot(mac: MacWithoutAccounts, words: readonly string[]): Promise<Ran> {
  const { runSessionWithoutRoot: run } = await import('../cli/session/session-without-root.ts');
  return run(mac, words);
}
