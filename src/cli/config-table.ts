import { leaves } from '../config/leaves.ts';
import { valueAt, type LoadedConfig } from '../config/merge.ts';

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

/** A value as `--set` takes it. */
function asText(value: unknown): string {
  if (value === null) return '(not set)';
  if (Array.isArray(value)) return value.join(':');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A longer value pushes its own source out, and not those of all others: terminals have 80 columns. */
const longValue = 28;

/** The rows in aligned columns: key, value, source. Pure. */
export function formatTable(rows: readonly SettingRow[]): string {
  const cells = rows.map((row) => [row.key, asText(row.value), row.source ?? ''] as const);
  const keyWidth = Math.max(...cells.map(([key]) => key.length));
  const valueWidth = Math.max(...cells.map(([, value]) => (value.length > longValue ? 0 : value.length)));
  return cells
    .map(([key, value, source]) =>
      `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}`.trimEnd(),
    )
    .join('\n');
}

/** The rows as JSON: an object by key, each with value and source. Pure. */
export function formatJson(rows: readonly SettingRow[]): string {
  return JSON.stringify(
    Object.fromEntries(rows.map(({ key, value, source }) => [key, { value, source }])),
    null,
    2,
  );
}
