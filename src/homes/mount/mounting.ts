import { RoamhomeError } from '../../errors/errors.ts';
import { isFolderDataset } from './excluded-folders.ts';
import { isUnfinished, type HomeState } from '../../sync/home-state.ts';
import { mountWithKey } from '../../sync/with-key.ts';
import { mount, mountReadOnly, remountWritable, setProperties } from '../../zfs/commands/change.ts';
import { listProperty } from '../../zfs/commands/list.ts';
import { poolAltroot } from '../../zfs/commands/pool.ts';
import type { DatasetName } from '../../zfs/names.ts';
import type { Dataset } from '../../zfs/version.ts';
import type { Account } from '../../platform/platform.ts';
import { mountpointNow } from './has-place-now.ts';
import { mountInside, type Inside } from './mount-inside.ts';
import type { Findings } from '../report.ts';
import type { Session } from '../session.ts';

export interface MountOptions {
  /** What else is to be mounted in it; those that are mounted are not among them. */
  readonly folders?: readonly Inside[];
  /** Another run may be at work on this home: the lock could not be had. Default: false. */
  readonly isShared?: boolean;
}

/**
 * Mounts the home, and the datasets below it and the folders in it where nobody can change the way to them meanwhile: the home is read-only for
 * that, unless there are none. So nothing is mounted in a home that is in use, or that another run may be at work on; that is told.
 * Throws when the home itself cannot be mounted; one below it that cannot is a problem, and stops nothing.
 */
export async function mountHome(
  session: Session,
  home: HomeState,
  findings: Findings,
  { folders = [], isShared = false }: MountOptions = {},
): Promise<void> {
  session.onProgress({ kind: 'activity', activity: 'mounting' });
  const root = rootOf(home);
  if (root.mounted) {
    if (root.properties['readonly'] === 'on') await makeWritable(session, home, isShared);
    tellNotMounted(
      session,
      [...(await insideHome(session, allBelow(home), root, findings)), ...folders],
      findings,
    );
    return;
  }
  const isReadOnly = await isKeptReadOnly(session, root);
  // First: with canmount=on, they would be mounted by what sets the home's mountpoint, before the home is (seen on 2.3.2).
  await setPropertiesBelow(session, home, findings);
  await setLocalProperties(session, root, {
    mountpoint: await mountpointToSet(session, root),
    ...(isReadOnly ? { readonly: 'off' } : {}),
  });
  if (isReadOnly) {
    findings.warn(
      `${root.name} had readonly=on, as a copy that is only received into has: it is off now, for ${session.user} could have saved nothing`,
    );
  }
  const hidden = await session.mountpoints.countEntries(session.mountpoint);
  if (hidden > 0) {
    findings.warn(
      `${session.mountpoint} held ${hidden} entries before the home was mounted over them; they are still there, ` +
        'below it: unmount the home to see them',
    );
  }
  const inside = [...(await insideHome(session, allBelow(home), root, findings)), ...folders];
  const isPlain = inside.length === 0 || isShared;
  const command = isPlain ? mount(root.name) : mountReadOnly(root.name);
  await mountWithKey(session.local, root.name, command, session);
  if (isPlain) tellNotMounted(session, inside, findings);
  else await mountInside(session, inside, findings);
}

function rootOf({ root: name, datasets }: HomeState): Dataset {
  const root = datasets.find((dataset) => dataset.name === name);
  if (root !== undefined && !isUnfinished(root)) return root;
  throw new RoamhomeError({
    code: 'home-missing',
    message: `${name} is not complete on this Mac: its first transfer from the server was cut short`,
    remedy: 'The next login goes on with it. Until then there is no home to show; nothing is lost.',
    retryable: true,
  });
}

/** All that lies below the home; those of excluded folders are mount-folders.ts's. */
function allBelow(home: HomeState): readonly Dataset[] {
  const others = home.excluded.filter((dataset) => !isFolderDataset(home.root, dataset));
  return [...home.datasets, ...others].filter(({ name }) => name !== home.root);
}

async function setPropertiesBelow(session: Session, home: HomeState, findings: Findings): Promise<void> {
  for (const dataset of allBelow(home)) {
    const { mounted, properties, resumeToken } = dataset;
    if (mounted || resumeToken !== null || properties['canmount'] === 'off') continue;
    await findings.attempt(() => setLocalProperties(session, dataset, {}));
  }
}

/**
 * Those of some datasets below a home that are to be mounted in it and are not. One whose place is not in the home is told, and is not
 * among them.
 */
export async function insideHome(
  session: Session,
  datasets: readonly Dataset[],
  root: Dataset,
  findings: Findings,
): Promise<readonly Inside[]> {
  const inside: Inside[] = [];
  for (const dataset of datasets) {
    if (dataset.name === root.name || dataset.mounted || dataset.resumeToken !== null) continue;
    await findings.attempt(async () => {
      const mountpoint = await mountpointNow(session, dataset);
      if (mountpoint === null) return;
      const { name } = dataset;
      const path = pathInHome(session, root, name, mountpoint);
      if (path === null) throw outside(session, name, mountpoint);
      inside.push({ name, path, mayHide: false, prepare: () => Promise.resolve(null) });
    });
  }
  return inside;
}

/** Where in the home its mountpoint is; null: nowhere. What the list shows may be older than what the home has now. Pure. */
function pathInHome(
  { mountpoint: top }: Session,
  { name: root, properties }: Dataset,
  name: DatasetName,
  mountpoint: string,
): string | null {
  if (mountpoint === '') return name.slice(root.length + 1);
  const above = [top, properties['mountpoint'] ?? top].find((each) => mountpoint.startsWith(`${each}/`));
  return above === undefined ? null : mountpoint.slice(above.length + 1);
}

function outside({ mountpoint: top }: Session, name: DatasetName, mountpoint: string): RoamhomeError {
  const command = `zfs inherit mountpoint ${name}`;
  return new RoamhomeError({
    code: 'in-the-way',
    message: `${name} is below the home, and its mountpoint is ${mountpoint}, which is not in ${top}: it is not mounted`,
    remedy: `Run \`${command}\` to have it in the home; or \`zfs set canmount=off ${name}\`, and mount it by other means.`,
    commands: [command],
  });
}

function tellNotMounted({ user }: Session, inside: readonly Inside[], findings: Findings): void {
  for (const { name, path } of inside) {
    findings.warn(
      `${name} is not mounted at ${JSON.stringify(path)} of the home, which is in use already: what runs as ${user} could lead it elsewhere. ` +
        `Log ${user} out; the next login mounts it`,
    );
  }
}

/** How long another run may take to mount what is in a home, for which it is read-only: milliseconds. */
const patience = { tries: 10, pauseMs: 1000 } as const;

/** A home that was left mounted read-only. Another run that has it so proves the ways in it, or reads: it is left the time for that. */
async function makeWritable(session: Session, home: HomeState, isShared: boolean): Promise<void> {
  const { local, localHome, signal, sleep } = session;
  for (let attempt = 1; isShared && attempt <= patience.tries; attempt++) {
    await sleep(patience.pauseMs);
    if ((await local.run(listProperty(localHome, 'readonly'), { signal })) !== 'on') return;
  }
  const left = home.datasets.filter(({ mounted, properties }) => mounted && properties['readonly'] === 'on');
  for (const { name } of left.toReversed()) await local.run(remountWritable(name), { signal });
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
