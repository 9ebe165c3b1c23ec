import { RoamhomeError } from '../errors/errors.ts';
import { worstOf, type Level } from '../format/level.ts';
import type { Fact } from './fact.ts';

/** What to do about a fault. Followed to the letter, it cures it. */
export interface Remedy {
  /** The machine on which the commands are typed, as root: this one, or the server that this Mac uses. */
  readonly where: 'here' | 'server';
  /** For people; holds the commands. One line. */
  readonly text: string;
  /** In this order. A word in capitals stands for what only a person can say. None: it is no matter of commands. */
  readonly commands: readonly string[];
}

export interface Finding {
  readonly level: Level;
  /** One line, with the names and numbers of this case. */
  readonly what: string;
  readonly remedy: Remedy | null;
  /** What it was found by; gone once the checks are made. */
  readonly cause?: Error;
}

/** One thing that is looked at. `Known` is all that may be known. */
export interface Check<Known> {
  /** A word, for monitoring and for the table of docs/reference/doctor.md. */
  readonly name: string;
  /** What is as it should be when it is ok. */
  readonly about: string;
  /** At least one finding. Pure. */
  readonly judge: (known: Known) => readonly Finding[];
}

/** What became of a check. */
export interface Checked {
  readonly name: string;
  /** The worst of its findings'. */
  readonly level: Level;
  readonly findings: readonly Finding[];
}

export function ok(what: string): Finding {
  return { level: 'ok', what, remedy: null };
}

export function warning(what: string, remedy: Remedy): Finding {
  return { level: 'warning', what, remedy };
}

export function critical(what: string, remedy: Remedy): Finding {
  return { level: 'critical', what, remedy };
}

/** It could not be looked at. */
function unknown(error: Error): Finding {
  if (error instanceof RoamhomeError)
    return { level: 'unknown', what: error.message, remedy: advise('here', error.remedy), cause: error };
  return {
    ...{ level: 'unknown', cause: error },
    what: `a bug in Roamhome: ${error.stack ?? error.message}`.replaceAll(/\s*\n\s*/g, ' '),
    remedy: advise('here', 'Please report this.'),
  };
}

/** The fault that an error tells of, with the error's own remedy. */
export function criticalBecause(error: RoamhomeError, where: Remedy['where'] = 'here'): Finding {
  const remedy = { where, text: error.remedy, commands: error.commands };
  return { ...critical(error.message, remedy), cause: error };
}

/** A remedy of commands alone, or with words before them. */
export function run(where: Remedy['where'], commands: readonly [string, ...string[]], before = ''): Remedy {
  return { where, text: `${before}${commands.map((command) => `\`${command}\``).join(', then ')}`, commands };
}

/** A remedy that is no matter of commands. */
export function advise(where: Remedy['where'], text: string): Remedy {
  return { where, text, commands: [] };
}

/** What is found in a fact; `unknown` when it is not known. */
export function judging<T>(fact: Fact<T>, judge: (value: T) => readonly Finding[]): readonly Finding[] {
  return fact.known ? judge(fact.value) : [unknown(fact.error)];
}

/** The faults, or when there are none that all is well. */
export function orOk(faults: readonly Finding[], what: string): readonly Finding[] {
  return faults.length > 0 ? faults : [ok(what)];
}

/** Makes every check of what is known, whatever becomes of the others. Pure. */
export function makeChecks<Known>(checks: readonly Check<Known>[], known: Known): readonly Checked[] {
  const made = checks.map(({ name, judge }) => ({ name, findings: findingsOf(() => judge(known)) }));
  // Why something could not be looked at is told once: by the check whose fault it is, else by the first that hit on it.
  const told = new Map<string, string>();
  for (const isOwn of [true, false])
    for (const { name, findings } of made)
      for (const { level, cause } of findings)
        if (cause !== undefined && (level !== 'unknown') === isOwn && !told.has(cause.message))
          told.set(cause.message, name);
  return made.map(({ name, findings }) => ({
    name,
    level: worstOf(findings.map(({ level }) => level)),
    findings: findings.map(({ level, what, remedy, cause }) => {
      if (level !== 'unknown') return { level, what, remedy };
      const by = told.get(cause?.message ?? '') ?? name;
      return by === name
        ? { level, what: `not looked at: ${what}`, remedy }
        : { level, what: `not looked at, because of ${by}`, remedy: null };
    }),
  }));
}

function findingsOf(judge: () => readonly Finding[]): readonly Finding[] {
  try {
    return judge();
  } catch (error) {
    return [unknown(error instanceof Error ? error : new Error(String(error)))];
  }
}
