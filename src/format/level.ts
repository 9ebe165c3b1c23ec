/** How something stands, with the exit codes that monitoring systems know (Nagios and those after it). */
export const levels = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
/** `unknown`: it could not be looked at, which is not the same as well. */
export type Level = keyof typeof levels;

/** From the worst on, as max_state_alt() of the Monitoring Plugins (lib/utils_base.c): what is amiss hides behind nothing. */
export const worstFirst: readonly Level[] = ['critical', 'warning', 'unknown', 'ok'];

/** The worst of all; of nothing `ok`. Pure. */
export function worstOf(found: readonly Level[]): Level {
  return worstFirst.find((level) => found.includes(level)) ?? 'ok';
}
