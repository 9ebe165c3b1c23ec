import type { ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName } from '../names.ts';
import { columnsOf } from '../rows.ts';
import { listRows } from './list-rows.ts';

/** A file system with the properties asked for; `-` where it has none. */
export interface ListedFilesystem {
  readonly name: DatasetName;
  readonly properties: Readonly<Record<string, string>>;
}

/** A file system and all below it, without their snapshots: on a server these are many. */
export function listFilesystems(
  root: DatasetName,
  properties: readonly string[],
): ZfsCommand<readonly ListedFilesystem[]> {
  const { plain, texts } = columnsOf(properties);
  const columns = { plain: ['name', ...plain], texts };
  return listRows(['zfs', 'list', '-Hp', '-t', 'filesystem'], columns, ['-r', root], (rows) =>
    rows.map((row) => {
      const [name = '', ...values] = [...row.plain, ...(row.texts ?? [])];
      const pairs = [...plain, ...texts].map((property, i) => [property, values[i] ?? '-'] as const);
      return { name: parseDatasetName(name), properties: Object.fromEntries(pairs) };
    }),
  );
}
