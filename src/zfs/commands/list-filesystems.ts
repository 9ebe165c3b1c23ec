import type { ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

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
  return {
    argv: ['zfs', 'list', '-Hp', '-t', 'filesystem', '-o', ['name', ...properties].join(','), '-r', root],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).map((line) => {
        const [name = '', ...values] = line.split('\t');
        if (values.length !== properties.length) throw outputUnknown('a list line', line);
        const pairs = properties.map((property, index) => [property, values[index] ?? '-'] as const);
        return { name: parseDatasetName(name), properties: Object.fromEntries(pairs) };
      }),
  };
}
