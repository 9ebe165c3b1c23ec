import { RoamhomeError } from '../errors/errors.ts';
import { redact } from '../log/redact.ts';

/** One thing that is wrong in one source of the configuration. */
export interface ConfigMistake {
  /** The file, or `--set`. */
  readonly source: string;
  /** The dotted key (`server.port`); null when the source as a whole is wrong. */
  readonly key: string | null;
  /** What is there, in words. */
  readonly found: string;
  /** What may be there, in words. */
  readonly allowed: string;
  /** What mends it, to be typed as root, where commands do. */
  readonly commands?: readonly string[];
  /** This version has no such setting: it is ignored, and replaces nothing. `near`: what was probably meant. */
  readonly unknown?: { readonly near: string | null };
  /** Typed for this one run, on its command line: whoever typed it is there to correct it. */
  readonly isTyped?: true;
}

/** A mistake as one line. */
export function describeMistake(mistake: ConfigMistake): string {
  const place = mistake.key === null ? mistake.source : `${mistake.source}: ${mistake.key}`;
  return `${place}: found ${mistake.found}, expected ${mistake.allowed}`;
}

/** What a person does about mistakes, with the command that says whether they are gone. Pure. */
export function cureOf(mistakes: readonly ConfigMistake[]): string {
  if (mistakes.every(({ isTyped }) => isTyped)) return 'Correct the command line, and run it again.';
  const places = [
    ...new Set(mistakes.map(({ key, source }) => (key === null ? source : `${key} in ${source}`))),
  ];
  const typed = mistakes.flatMap(({ commands = [] }) => commands).map((command) => `\`${command}\``);
  const mend = typed.length === 0 ? `Correct ${places.join(', and ')}` : `Run ${typed.join(', and ')}`;
  return `${mend}; then check the settings: \`roamhome config show\`.`;
}

/** A value as it is shown in a mistake: JSON without secrets, cut to a length that fits a line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Date) return `the date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `${value.length} bytes of data`;
  const text = redact(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)),
  );
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `config-invalid`: every mistake of every source; the message holds them all, in one line. */
export class ConfigInvalidError extends RoamhomeError {
  readonly mistakes: readonly ConfigMistake[];

  constructor(mistakes: readonly ConfigMistake[]) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    super({
      code: 'config-invalid',
      message: `${count} in the configuration: ${mistakes.map(describeMistake).join('; ')}`,
      remedy: cureOf(mistakes),
    });
    this.mistakes = mistakes;
  }
}
