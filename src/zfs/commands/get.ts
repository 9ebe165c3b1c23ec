import { linesOf, outputUnknown } from '../parse.ts';
import { parseDatasetName, type DatasetName } from '../names.ts';
import type { ZfsCommand } from '../command.ts';

/** Properties by name, of each dataset. */
export type LocalProperties = ReadonlyMap<DatasetName, Readonly<Record<string, string>>>;

function parseGet(stdout: string): LocalProperties {
  const found = new Map<DatasetName, Record<string, string>>();
  for (const line of linesOf(stdout)) {
    const [name, property, ...value] = line.split('\t');
    if (name === undefined || property === undefined || value.length === 0)
      throw outputUnknown('a property', line);
    const dataset = parseDatasetName(name);
    const properties = found.get(dataset) ?? {};
    // A user property may hold tabs.
    properties[property] = value.join('\t');
    found.set(dataset, properties);
  }
  return found;
}

/** The properties that were set on the datasets of a tree themselves: what a clone of one does not have. */
export function getLocalProperties(root: DatasetName): ZfsCommand<LocalProperties> {
  return {
    argv: [
      'zfs',
      'get',
      '-Hp',
      '-r',
      '-t',
      'filesystem',
      '-s',
      'local',
      '-o',
      'name,property,value',
      'all',
      root,
    ],
    mutates: false,
    parse: parseGet,
  };
}
