import { RoamhomeError } from '../errors/errors.ts';

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
}

/** A mistake as one line. */
export function describeMistake(mistake: ConfigMistake): string {
  const place = mistake.key === null ? mistake.source : `${mistake.source}: ${mistake.key}`;
  return `${place}: found ${mistake.found}, expected ${mistake.allowed}`;
}

/** A value as it is shown in a mistake: JSON, cut to a length that fits a line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Date) return `the date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `${value.length} bytes of data`;
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
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
      remedy:
        'Correct the configuration; `roamhome config show` says what is in effect and where it came from.',
    });
    this.mistakes = mistakes;
  }
}
