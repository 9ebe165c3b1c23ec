import { count } from '../../format/count.ts';
import { homePropertiesEverywhere } from '../../platform/home-properties.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { critical, run, warning, type Finding } from '../finding.ts';

/** The properties that keep a file in a home from giving more than its user has. */
export const fileRightsColumns = ['setuid', 'devices'] as const;

interface Listed {
  readonly name: DatasetName;
  readonly mounted: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

/** One finding for all datasets whose files can give root's rights, or lead to a disk: it is critical where one is mounted. Pure. */
export function judgeFileRights(datasets: readonly Listed[]): readonly Finding[] {
  const open = datasets.filter(({ properties }) =>
    fileRightsColumns.some((name) => properties[name] !== homePropertiesEverywhere[name]),
  );
  const [first] = open;
  if (first === undefined) return [];
  const what =
    open.length === 1
      ? `${first.name} allows setuid or device files`
      : `${count(open.length, 'dataset')}, ${first.name} the first, allow setuid or device files`;
  const set = fileRightsColumns.map((name) => `${name}=${homePropertiesEverywhere[name]}`).join(' ');
  const command = `zfs set ${set} ${open.map(({ name }) => name).join(' ')}`;
  const level = open.some(({ mounted }) => mounted) ? critical : warning;
  return [level(`${what}: such a file can give its user root's rights`, run('here', [command]))];
}
