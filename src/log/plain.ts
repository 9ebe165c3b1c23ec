import { RoamhomeError } from '../errors/errors.ts';
import { isSecretName, redact, redactedValue } from './redact.ts';

/** A value that JSON can hold. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

// Deeper than any event of ours; ends circles too.
const deepest = 8;

function plainError(error: Error, depth: number): Plain {
  const { code } = error as { code?: unknown };
  return {
    ...(code === undefined ? {} : { code: toPlain(code, depth + 1) }),
    message: redact(error.message),
    ...(error instanceof RoamhomeError
      ? { remedy: redact(error.remedy) }
      : { stack: redact(error.stack ?? '') }),
    ...(error.cause === undefined ? {} : { cause: toPlain(error.cause, depth + 1) }),
  };
}

/** The value as JSON can hold it: bigints as strings, errors with their causes, secrets redacted. Pure. */
export function toPlain(value: unknown, depth = 0): Plain {
  if (depth > deepest) return '[deeper]';
  switch (typeof value) {
    case 'string':
      return redact(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'undefined':
      return null;
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      break;
  }
  if (value === null) return null;
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  // Contents of files and streams have no place in a log, and might be keys.
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Set || Array.isArray(value))
    return [...(value as Iterable<unknown>)].map((inner) => toPlain(inner, depth + 1));
  const entries =
    value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : Object.entries(value);
  return toPlainFields(
    entries.map(([name, inner]): [string, unknown] => [String(name), inner]),
    depth,
  );
}

function toPlainFields(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
): Readonly<Record<string, Plain>> {
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, isSecretName(name) ? redactedValue : toPlain(value, depth + 1)]),
  );
}

/** An event's fields as JSON can hold them; absent ones left out. Pure. */
export function plainFields(fields: object): Readonly<Record<string, Plain>> {
  return toPlainFields(Object.entries(fields), 0);
}
