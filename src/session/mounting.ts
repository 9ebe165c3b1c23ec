import { RoamhomeError } from '../errors/errors.ts';
import { isFolderDataset } from '../replication/excluded-folders.ts';
import { isUnfinished, type HomeState } from '../replication/home-state.ts';
import { mountWithKey } from '../replication/with-key.ts';
import { mount, remountWritable, setProperties } from '../zfs/commands/change.ts';
import { listProperty } from '../zfs/commands/list.ts';
import { poolAltroot } from '../zfs/commands/pool.ts';
import type { Dataset } from '../zfs/version.ts';
import type { Account } from '../platform/platform.ts';
import { hasPlaceNow } from './has-place-now.ts';
import type { Findings } from './report.ts';
import type { Session } from './session.ts';

/**
 * Mounts the home and the datasets below it, parents first, with their local properties as they have to be; those of excluded
 * folders are left to mountFolders.
 * Throws when the home itself cannot be mounted; one below it that cannot is a problem, and stops nothing.
 */
export async function mountHome(session: Session, home: HomeState, findings: Findings): Promise<void> {
  session.onProgress({ kind: 'activity', activity: 'mounting' });
  const others = home.excluded.filter((dataset) => !isFolderDataset(home.root, dataset));
  const [root, ...below] = [...home.datasets, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (
    root === undefined ||
    home.datasets.some((dataset) => dataset.name === home.root && isUnfinished(dataset))
  ) {
    throw new RoamhomeError({
      code: 'home-missing',
      message: `${home.root} is not complete on this Mac: its first transfer from the server was cut short`,
      remedy: 'The next login goes on with it. Until then there is no home to show; nothing is lost.',
      retryable: true,
    });
  }
  const isReadOnly = !root.mounted && (await isKeptReadOnly(session, root));
  await setLocalProperties(session, root, {
    mountpoint: await mountpointToSet(session, root),
    ...(isReadOnly ? { readonly: 'off' } : {}),
  });
  if (isReadOnly) {
    findings.warn(
      `${root.name} had readonly=on, as a copy that is only received into has: it is off now, for ${session.user} could have saved nothing`,
    );
  }
  if (!root.mounted) {
    const hidden = await session.mountpoints.countEntries(session.mountpoint);
    if (hidden > 0) {
      findings.warn(
        `${session.mountpoint} held ${hidden} entries before the home was mounted over them; they are still there, ` +
          'below it: unmount the home to see them',
      );
    }
    await mountWithKey(session.local, root.name, mount(root.name), session);
  } else if (root.properties['readonly'] === 'on') {
    await session.local.run(remountWritable(root.name), { signal: session.signal });
  }
  for (const dataset of below) {
    if (dataset.mounted || dataset.resumeToken !== null) continue;
    await findings.attempt(async () => {
      if (!(await hasPlaceNow(session, dataset))) return;
      await setLocalProperties(session, dataset, {});
      await mountWithKey(session.local, dataset.name, mount(dataset.name), session);
    });
  }
}

/** Nobody has mounted it: what it is comes of the property. One that was mounted to be looked at is asked for it. */
async function isKeptReadOnly({ local, signal }: Session, { name, properties }: Dataset): Promise<boolean> {
  const { readonly: shown } = properties;
  return (shown === '-' ? await local.run(listProperty(name, 'readonly'), { signal }) : shown) === 'on';
}

/**
 * What the property has to be so that the home is mounted at its place. A pool that was imported with another root shows, and
 * uses, that root in front of it. Throws `pool-not-imported` where the place is not below that root.
 */
async function mountpointToSet({ local, mountpoint, signal }: Session, root: Dataset): Promise<string> {
  const shown = root.properties['mountpoint'] ?? '-';
  if (shown === mountpoint || !shown.endsWith(mountpoint)) return mountpoint;
  const pool = root.name.split('/', 1)[0] ?? '';
  const altroot = await local.run(poolAltroot(pool), { signal });
  if (altroot === null) return mountpoint;
  if (mountpoint.startsWith(`${altroot}/`)) return mountpoint.slice(altroot.length);
  throw new RoamhomeError({
    code: 'pool-not-imported',
    message: `the pool ${pool} is imported with altroot=${altroot}, so that no home can be mounted at ${mountpoint}`,
    remedy: `Import it without: \`zpool export ${pool}\`, then \`zpool import ${pool}\`. Or set local.homeBase to a directory below ${altroot}.`,
    commands: [`zpool export ${pool}`, `zpool import ${pool}`],
  });
}

/** A clone or a received dataset has none of the local properties; what is right already is left alone. */
async function setLocalProperties(
  session: Session,
  dataset: Dataset,
  own: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = { canmount: 'noauto', ...session.platform.homeProperties, ...own };
  const different = Object.entries(wanted).filter(([name, value]) => dataset.properties[name] !== value);
  if (different.length === 0) return;
  await session.local.run(setProperties(dataset.name, Object.fromEntries(different)), {
    signal: session.signal,
  });
}

/** A home that is not its user's is told, not changed: whose it is, is for a person to say. */
export async function checkOwner(session: Session, account: Account, findings: Findings): Promise<void> {
  const uid = await session.mountpoints.ownerOf(session.mountpoint);
  if (uid === account.uid) return;
  findings.problem(
    new RoamhomeError({
      code: 'home-wrong-owner',
      message: `${session.mountpoint} belongs to uid ${uid}, but ${account.name} has uid ${account.uid}`,
      remedy: `If the home is theirs: \`chown ${account.uid}:${account.gid} ${session.mountpoint}\`; and check that every Mac gives ${account.name} the same uid.`,
    }),
  );
}
