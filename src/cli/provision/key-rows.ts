import type { AuthorizedKey } from '../../provision/key/authorized-keys.ts';

/** The keys as a table, with a line of titles. Pure. */
export function keyRows(keys: readonly AuthorizedKey[]): readonly string[] {
  if (keys.length === 0) return ['no key is let in'];
  const rows = [
    ['MAC', 'TYPE', 'ADDED', 'RESTRICTION', 'FINGERPRINT'],
    ...keys.map((key) => [
      key.mac ?? `(${key.comment === '' ? 'not of Roamhome' : key.comment})`,
      key.type.replace(/^ssh-/, ''),
      key.added ?? '-',
      restrictionOf(key.options),
      key.fingerprint,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_title, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function restrictionOf(options: string): string {
  if (/(?:^|,)command="/.test(options)) return 'gate';
  return /^restrict(?:,|$)/.test(options) ? 'the shell' : 'NONE';
}
