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

/** What decides which ACLs and extended attributes of its files a dataset shows: a dataset has it from where it lies. */
const showing: readonly string[] = ['acltype', 'xattr'];

/** Those properties of a dataset that are not the default there, for a place that is to show the same files alike. */
export function getShowingProperties(dataset: DatasetName): ZfsCommand<Readonly<Record<string, string>>> {
  return {
    // All: a name that this system does not know would be an error.
    argv: [
      'zfs',
      'get',
      '-Hp',
      '-s',
      'local,inherited,received',
      '-o',
      'name,property,value',
      'all',
      dataset,
    ],
    mutates: false,
    parse: (stdout) => {
      const found = Object.entries(parseGet(stdout).get(dataset) ?? {});
      return Object.fromEntries(found.filter(([name]) => showing.includes(name)));
    },
  };
}
