import type { ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

/** A property that was set on a dataset itself. */
export interface SetProperty {
  readonly dataset: DatasetName;
  readonly property: string;
}

/**
 * Which properties were set on the datasets of a tree themselves: what a clone of one does not have. Without their
 * values: the text of a user property may hold lines that look like other properties'.
 */
export function listSetProperties(root: DatasetName): ZfsCommand<readonly SetProperty[]> {
  return {
    argv: ['zfs', 'get', '-Hp', '-r', '-t', 'filesystem', '-s', 'local', '-o', 'name,property', 'all', root],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).map((line) => {
        const [name = '', property, ...more] = line.split('\t');
        if (property === undefined || property === '' || more.length > 0)
          throw outputUnknown('a property', line);
        return { dataset: parseDatasetName(name), property };
      }),
  };
}

/** The value of one property of one dataset, whatever it holds. */
export function getValue({ dataset, property }: SetProperty): ZfsCommand<string> {
  return {
    argv: ['zfs', 'get', '-Hp', '-o', 'value', property, dataset],
    mutates: false,
    parse: (stdout) => stdout.replace(/\n$/, ''),
  };
}

/**
 * A property of a dataset that is not the default there; null: it is. Fails with `unknown-option` where this system
 * does not know the property.
 */
export function getUnlessDefault({ dataset, property }: SetProperty): ZfsCommand<string | null> {
  return {
    argv: ['zfs', 'get', '-Hp', '-s', 'local,inherited,received', '-o', 'value', property, dataset],
    mutates: false,
    parse: (stdout) => (stdout === '' ? null : stdout.replace(/\n$/, '')),
  };
}

/**
 * Where a property of a dataset, or of it and all below it, comes from: `local`, `received`, `inherited from NAME`, `default`, or `-` for nowhere. Without the
 * values, which may hold lines that look like other rows.
 */
export function getSources(
  property: string,
  root: DatasetName,
  { below }: { readonly below: boolean },
): ZfsCommand<readonly (readonly [DatasetName, string])[]> {
  const depth = below ? ['-r', '-t', 'filesystem'] : [];
  return {
    argv: ['zfs', 'get', '-Hp', ...depth, '-o', 'name,source', property, root],
    mutates: false,
    parse: (stdout) =>
      linesOf(stdout).map((line) => {
        const [name = '', source, ...more] = line.split('\t');
        if (source === undefined || more.length > 0) throw outputUnknown('where a property comes from', line);
        return [parseDatasetName(name), source] as const;
      }),
  };
}
