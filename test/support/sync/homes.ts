import type { SendFlags } from '../../../src/zfs/commands/stream.ts';
import type { TokenContents } from '../../../src/zfs/commands/token.ts';
import type { DatasetName, Guid, ResumeToken } from '../../../src/zfs/names.ts';
import type { Bookmark, Snapshot } from '../../../src/zfs/version.ts';
import type { Change, DatasetState, HomeState } from '../../../src/sync/home-state.ts';

export const localHome = 'data/profiles/alice' as DatasetName;
export const serverHome = 'tank/homes/alice' as DatasetName;

/** A token whose text says what it is about, so that tests read. */
export const token = '1-aa-bb-cc' as ResumeToken;

/**
 * A dataset from words: `@a:1` a snapshot with guid and createtxg 1, `@a:1=7` with guid 7, `@a:1~` one without
 * changes, `#a:1` a bookmark, `@a%b:1` one with a blank in its name, `*` files changed, `+` written to without a file changed, `>5` a partial receive of
 * guid 5 in full, `>4..5` of 4 to 5, `>5@x` of a snapshot that its sender called x, `>5!w` of a raw stream, `>5!none` of one without flags, `>?` of a token that cannot be read, `^pool/x@s` a clone of that.
 */
export function dataset(root: DatasetName, path: string, words: string): DatasetState {
  const name = (path === '' ? root : `${root}/${path}`) as DatasetName;
  const snapshots: Snapshot[] = [];
  const bookmarks: Bookmark[] = [];
  let change: Change = 'none';
  let origin = '-';
  let partial: TokenContents | 'unknown' | null = null;
  for (const word of words.split(' ').filter((one) => one !== '')) {
    const version = /^([@#])([\w%]+):(\d+)(?:=(\d+))?(~?)$/.exec(word);
    if (version !== null) {
      const [, sign, word = '', txg = '', guid = txg, empty] = version;
      const short = word.replaceAll('%', ' ');
      const common = { guid: guid as Guid, createtxg: BigInt(txg), creation: Number(txg) };
      if (sign === '@') {
        snapshots.push({
          kind: 'snapshot',
          name: `${name}@${short}` as never,
          written: empty === '~' ? 0n : 100n,
          ...common,
        });
      } else bookmarks.push({ kind: 'bookmark', name: `${name}#${short}` as never, ...common });
      continue;
    }
    if (word.startsWith('^')) {
      origin = word.slice(1);
      continue;
    }
    const receiving = /^>(?:(\d+)\.\.)?(\d+|\?)(?:@([\w.-]+))?(?:!(w|none))?$/.exec(word);
    if (receiving !== null) {
      const [, from, to, short = 'tool', kind] = receiving;
      const flags: SendFlags = kind === undefined ? 'Lec' : kind === 'w' ? 'w' : '';
      partial =
        to === '?'
          ? 'unknown'
          : {
              fromGuid: (from ?? null) as Guid | null,
              toGuid: to as Guid,
              toName: `pool/sender@${short}` as never,
              bytes: 10n,
              flags,
            };
    } else if (word === '*') change = 'files';
    else if (word === '+') change = 'written-only';
    else throw new Error(`no such word: ${word}`);
  }
  return {
    name,
    path,
    written: change === 'none' ? 0n : 1n,
    resumeToken: partial === null ? null : token,
    mounted: false,
    properties: { origin },
    snapshots,
    bookmarks,
    change,
    partial,
  };
}

/** A home from its datasets' words by path: `''` is the home itself. Paths with `off` in front are excluded. */
export function home(
  root: DatasetName,
  datasets: string | Readonly<Record<string, string>> | null,
  sendFlags: SendFlags | null = 'Lec',
): HomeState | null {
  if (datasets === null) return null;
  const entries = Object.entries(typeof datasets === 'string' ? { '': datasets } : datasets);
  const included = entries.filter(([, words]) => !words.startsWith('off'));
  const excluded = entries.filter(([, words]) => words.startsWith('off'));
  return {
    root,
    datasets: included.map(([path, words]) => dataset(root, path, words)),
    excluded: excluded.map(([path, words]) => dataset(root, path, words.slice('off'.length))),
    sendFlags,
  };
}
