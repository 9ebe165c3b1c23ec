import type { Argv, Host } from '../../host/host.ts';
import { listFilesystems } from '../../zfs/commands/list-filesystems.ts';
import { listGrants, type Grant } from '../../zfs/commands/permissions.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { zfsError } from '../../zfs/stderr.ts';
import type { SyncZfs } from '../../zfs/sync-zfs.ts';

/** `zfs allow` takes one dataset, and tells of all above it too: one command asks all that have none below them. */
const askScript = 'for one; do zfs allow "$one" || exit; done';

/** Longer command lines are not taken everywhere. */
const namesAtOnce = 500;

/** What was given on datasets below a root, which holds besides what was given on the root. None where there is no root. */
export async function listGrantsBelow(
  { host, zfs }: { readonly host: Host; readonly zfs: SyncZfs },
  root: DatasetName,
  signal: AbortSignal,
): Promise<readonly Grant[]> {
  if (!(await zfs.exists(root, { signal }))) return [];
  const names = (await zfs.run(listFilesystems(root, []), { signal })).map(({ name }) => name);
  const parents = new Set(names.map((name) => name.slice(0, name.lastIndexOf('/'))));
  const leaves = names.filter((name) => !parents.has(name) && name !== root);
  const found = new Map<string, Grant>();
  for (let at = 0; at < leaves.length; at += namesAtOnce) {
    const argv: Argv = ['sh', '-c', askScript, 'sh', ...leaves.slice(at, at + namesAtOnce)];
    const result = await host.run(argv, { signal });
    if (result.exitCode !== 0) throw zfsError(host.name, ['zfs', 'allow'], result);
    for (const grant of listGrants(root).parse(result.stdout))
      if (grant.dataset.startsWith(`${root}/`)) found.set(JSON.stringify(grant), grant);
  }
  return [...found.values()];
}

/** What somebody was given below a root and needs nowhere there. */
export interface GrantBelow {
  readonly who: string;
  readonly permissions: readonly string[];
  readonly datasets: readonly DatasetName[];
}

/** The permissions beyond those that are wanted, joined by whom they were given. Pure. */
export function extraBelow(grants: readonly Grant[], wanted: readonly string[]): readonly GrantBelow[] {
  const byWho = new Map<string, { readonly permissions: Set<string>; readonly datasets: Set<DatasetName> }>();
  for (const { scope, who, permissions, dataset } of grants) {
    // What a set stands for counts where the set is given.
    const extra = scope === 'sets' ? [] : permissions.filter((one) => !wanted.includes(one));
    if (extra.length === 0) continue;
    const known = byWho.get(who) ?? { permissions: new Set<string>(), datasets: new Set<DatasetName>() };
    byWho.set(who, known);
    for (const permission of extra) known.permissions.add(permission);
    known.datasets.add(dataset);
  }
  return [...byWho].map(([who, { permissions, datasets }]) => ({
    who,
    permissions: [...permissions].sort(),
    datasets: [...datasets].sort(),
  }));
}

/** `a, b and 7 more`. Pure. */
export function namedDatasets(datasets: readonly DatasetName[]): string {
  const shown = datasets.slice(0, 3).join(', ');
  return datasets.length <= 3 ? shown : `${shown} and ${datasets.length - 3} more`;
}
