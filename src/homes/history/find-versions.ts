import { lstat } from 'node:fs/promises';
import { locate } from '../files/choose-paths.ts';
import type { Entry } from '../files/entry.ts';
import { sameContent } from '../files/same-content.ts';
import { withLock } from '../lock/with-lock.ts';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Session } from '../session.ts';
import { datasetHolding, type DatasetHistory, type KnownSnapshot } from './home-history.ts';
import type { ReadHistory } from './read-history.ts';
import { withViews } from './with-views.ts';

/** What a file was over some snapshots, one after the other. */
export interface FileVersion {
  readonly first: KnownSnapshot;
  readonly last: KnownSnapshot;
  readonly entry: Entry;
}

export interface FileVersions {
  /** The newest first. */
  readonly versions: readonly FileVersion[];
  /** Snapshots that were not looked at, as only the server has them. */
  readonly onServerOnly: number;
}

interface Seen {
  readonly snapshot: KnownSnapshot;
  /** null: there was no such file. */
  readonly found: { readonly place: Buffer; readonly entry: Entry; readonly changed: bigint } | null;
}

/**
 * Each distinct version of a file over the snapshots on this Mac. Files of one kind, size and time that also changed
 * at one time last are one version; where only that last time differs, they are read. Throws `usage` for a folder.
 */
export async function findVersions(
  session: Session,
  { history, homes }: ReadHistory,
  parts: readonly string[],
): Promise<FileVersions> {
  const dataset = datasetHolding(history, parts);
  const here = dataset.snapshots.filter((snapshot) => snapshot.here !== null);
  // What was written since the one before is 0: nothing in it can differ.
  const looked = here.filter(({ here: snapshot }, index) => index === 0 || snapshot?.written !== 0n);
  const wanted = looked.map((snapshot) => ({ path: dataset.path, snapshot }));
  const versions = await withLock(session, 'versions', () =>
    withViews(session, wanted, homes, async (mounts) => {
      const seen: Seen[] = [];
      for (const snapshot of looked) {
        session.signal.throwIfAborted();
        const mount = mounts.get(snapshot.guid);
        if (mount === undefined) continue;
        const tree = { mounts: new Map([[dataset.path, mount]]), apart: new Map<string, null>() };
        const found = await locate(tree, parts);
        if (found === null) seen.push({ snapshot, found: null });
        else {
          const { ctimeNs: changed } = await lstat(found.place, { bigint: true });
          seen.push({ snapshot, found: { ...found, changed } });
        }
      }
      return joinSeen(seen, here, session.signal);
    }),
  );
  if (versions[0]?.entry.kind === 'directory') throw isFolder(parts);
  return { versions, onServerOnly: dataset.snapshots.length - here.length };
}

/** `here`: all snapshots on this Mac, those without changes too. */
async function joinSeen(
  seen: readonly Seen[],
  here: DatasetHistory['snapshots'],
  signal: AbortSignal,
): Promise<readonly FileVersion[]> {
  const versions: FileVersion[] = [];
  let before: Seen['found'] = null;
  for (const [index, { snapshot, found }] of seen.entries()) {
    const next = seen[index + 1];
    const end = next === undefined ? here.length : here.indexOf(next.snapshot);
    const last = here[end - 1] ?? snapshot;
    const version = versions.at(-1);
    if (found !== null && before !== null && version !== undefined && (await isSame(before, found, signal)))
      versions.splice(-1, 1, { ...version, last });
    else if (found !== null) versions.push({ first: snapshot, last, entry: found.entry });
    before = found;
  }
  return versions.reverse();
}

async function isSame(
  a: NonNullable<Seen['found']>,
  b: NonNullable<Seen['found']>,
  signal: AbortSignal,
): Promise<boolean> {
  if (a.entry.kind !== b.entry.kind) return false;
  if (a.entry.target !== null && b.entry.target !== null) return a.entry.target.equals(b.entry.target);
  if (a.entry.kind === 'directory') return true;
  if (a.entry.bytes !== b.entry.bytes || a.entry.mtimeNs !== b.entry.mtimeNs) return false;
  return a.changed === b.changed || sameContent(a.place, b.place, signal);
}

function isFolder(parts: readonly string[]): RoamhomeError {
  return new RoamhomeError({
    code: 'usage',
    message: `${JSON.stringify(parts.join('/'))} is a folder: versions are told of files`,
    remedy:
      '`roamhome snapshots USER` lists the snapshots, `roamhome diff USER A B` what changed between two.',
  });
}
