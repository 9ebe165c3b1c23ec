import { leaves } from '../../config/leaves.ts';
import { redact } from '../../log/redact.ts';
import type { JsonDocument } from '../framework/context.ts';
import { valueAt, type LoadedConfig } from '../../config/merge.ts';
import { tellMistakes } from '../../config/tell-mistakes.ts';

/** One setting that is in effect. */
export interface SettingRow {
  readonly key: string;
  /** Null when it has none. */
  readonly value: unknown;
  /** The file, `--set`, or `default`; null when it has no value. */
  readonly source: string | null;
}

/** Every setting, in the schema's order. Pure. */
export function settingRows({ config, origins }: LoadedConfig): readonly SettingRow[] {
  return [...leaves.keys()].map((key) => ({
    key,
    value: valueAt(config, key) ?? null,
    source: origins.get(key) ?? null,
  }));
}

/** A value as `--set` takes it. Pure. */
export function asText(value: unknown): string {
  if (value === null) return '(not set)';
  if (Array.isArray(value)) return value.join(':');
  return redact(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A longer value pushes its own source out, and not those of all others: terminals have 80 columns. */
const longValue = 28;

/** True when a setting is not what its source means it to be; one that this version does not know is no more than told. Pure. */
export function isWrong({ mistakes }: LoadedConfig): boolean {
  return mistakes.some(({ unknown, isTyped }) => unknown === undefined || isTyped === true);
}

/** The rows in aligned columns: key, value, source; then what is wrong. Pure. */
export function formatTable(rows: readonly SettingRow[], loaded: LoadedConfig): string {
  const cells = rows.map((row) => [row.key, asText(row.value), row.source ?? ''] as const);
  const keyWidth = Math.max(...cells.map(([key]) => key.length));
  const valueWidth = Math.max(...cells.map(([, value]) => (value.length > longValue ? 0 : value.length)));
  const table = cells.map(([key, value, source]) =>
    `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}`.trimEnd(),
  );
  const mistakes = tellMistakes(loaded).map((text) => `mistake: ${text}`);
  return [...table, ...(mistakes.length === 0 ? [] : ['', ...mistakes])].join('\n');
}

/** For programs: each setting by its key with value and source, and the mistakes. Pure. */
export function settingsToJson(rows: readonly SettingRow[], loaded: LoadedConfig): JsonDocument {
  return {
    settings: Object.fromEntries(rows.map(({ key, value, source }) => [key, { value, source }])),
    mistakes: mistakesToJson(loaded),
  };
}

/** The mistakes for programs. Pure. */
export function mistakesToJson(loaded: LoadedConfig): readonly JsonDocument[] {
  const told = tellMistakes(loaded);
  return loaded.mistakes.map(({ source, key, found, allowed, unknown }, i) => ({
    ...{ source, key, found, allowed, isUnknown: unknown !== undefined, text: told[i] },
  }));
}
