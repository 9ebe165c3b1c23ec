import type { Version } from '../zfs/version.ts';

/** A version that two sides have, as each of them names it: a stream from it goes on from `onto`. */
export interface Common<S extends Version, T extends Version> {
  readonly from: S;
  readonly onto: T;
}

/**
 * The newest of the target's versions that the source has too, by guid alone; null: they have none in common. Both lists from old to new;
 * of two with one guid the last counts. The only search of its kind. Pure.
 */
export function newestCommon<S extends Version, T extends Version>(
  source: readonly S[],
  target: readonly T[],
): Common<S, T> | null {
  const byGuid = new Map(source.map((version) => [version.guid, version]));
  const onto = target.findLast(({ guid }) => byGuid.has(guid));
  const from = onto === undefined ? undefined : byGuid.get(onto.guid);
  return onto === undefined || from === undefined ? null : { from, onto };
}
