import { noOutput, type ZfsCommand } from '../command.ts';
import { parseDatasetName, type DatasetName } from '../names.ts';
import { linesOf, outputUnknown } from '../parse.ts';

/** What `zfs allow` has given, a line of its output. */
export interface Grant {
  /** Where it was given: the dataset asked for, or one above. */
  readonly dataset: DatasetName;
  /** `sets` and `create-time` say what others stand for, and what who creates a dataset gets on it. */
  readonly scope: 'local' | 'descendent' | 'both' | 'sets' | 'create-time';
  /** `user alice`, `group staff`, `everyone`; the name of a set, `@backup`; '' at create time. */
  readonly who: string;
  /** Sets among them begin with `@`. */
  readonly permissions: readonly string[];
}

/** The headings of cmd/zfs/zfs_main.c, print_fs_perms() and its callees. */
const scopes: Readonly<Record<string, Grant['scope']>> = {
  'Permission sets': 'sets',
  'Create time permissions': 'create-time',
  'Local permissions': 'local',
  'Descendent permissions': 'descendent',
  'Local+Descendent permissions': 'both',
};

function parseGrants(stdout: string): readonly Grant[] {
  const grants: Grant[] = [];
  let dataset: DatasetName | null = null;
  let scope: Grant['scope'] | undefined;
  for (const line of linesOf(stdout)) {
    const [, name] = /^---- Permissions on (\S+) -*$/.exec(line) ?? [];
    if (name !== undefined) dataset = parseDatasetName(name);
    else if (/^[A-Z]/.test(line)) scope = scopes[line.replace(/:$/, '')];
    const [, who, permissions] = /^\t(?:(.*) )?(\S+)$/.exec(line) ?? [];
    if (permissions !== undefined && dataset !== null && scope !== undefined)
      grants.push({ dataset, scope, who: who ?? '', permissions: permissions.split(',') });
    else if (name === undefined && (scope === undefined || !/^[A-Z]/.test(line)))
      throw outputUnknown('a permission', line);
  }
  return grants;
}

/** What has been given to anyone on a dataset, or further up for it. */
export function listGrants(dataset: DatasetName): ZfsCommand<readonly Grant[]> {
  return { argv: ['zfs', 'allow', dataset], mutates: false, parse: parseGrants };
}

/** The same by name alone; those of permission sets too. */
export function listPermissions(dataset: DatasetName): ZfsCommand<ReadonlySet<string>> {
  return {
    argv: listGrants(dataset).argv,
    mutates: false,
    parse: (stdout) => new Set(parseGrants(stdout).flatMap(({ permissions }) => permissions)),
  };
}

/** Gives a user permissions on a dataset and all below it. */
export function allowUser(
  user: string,
  permissions: readonly string[],
  dataset: DatasetName,
): ZfsCommand<void> {
  return {
    argv: ['zfs', 'allow', '-u', user, permissions.join(','), dataset],
    mutates: true,
    parse: noOutput,
  };
}

/** Takes permissions away from a user that were given on this dataset; `below`: also on all below it. */
export function unallowUser(
  user: string,
  permissions: readonly string[],
  dataset: DatasetName,
  { below = false }: { readonly below?: boolean } = {},
): ZfsCommand<void> {
  return {
    argv: ['zfs', 'unallow', ...(below ? ['-r'] : []), '-u', user, permissions.join(','), dataset],
    mutates: true,
    parse: noOutput,
  };
}
