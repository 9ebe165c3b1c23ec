import { noOutput, type ZfsCommand } from '../command.ts';
import type { DatasetName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

/** A new dataset with these properties from the start. Its parent has to be there. */
export function createDataset(
  dataset: DatasetName,
  properties: Readonly<Record<string, string>>,
): ZfsCommand<void> {
  const options = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return { argv: ['zfs', 'create', ...options, dataset], mutates: true, parse: noOutput };
}

/** What some properties are on a dataset, wherever they come from; a name that this zfs does not know is an error. */
export function getProperties(
  dataset: DatasetName,
  names: readonly string[],
): ZfsCommand<Readonly<Record<string, string>>> {
  return {
    argv: ['zfs', 'get', '-Hp', '-o', 'property,value', names.join(','), dataset],
    mutates: false,
    parse: (stdout) =>
      Object.fromEntries(
        linesOf(stdout).map((line) => {
          const [name, value, ...more] = line.split('\t');
          if (name === undefined || value === undefined || more.length > 0)
            throw outputUnknown('a property', line);
          return [name, value];
        }),
      ),
  };
}
