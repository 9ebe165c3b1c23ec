import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchConflict } from '../../../../src/homes/conflicts/fetch-conflict.ts';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { readHistory } from '../../../../src/homes/history/read-history.ts';
import { withViews } from '../../../../src/homes/history/with-views.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { Session } from '../../../../src/homes/session.ts';
import { listProperty } from '../../../../src/zfs/commands/list.ts';
import { parseDatasetName, type DatasetName } from '../../../../src/zfs/names.ts';
import { createSyncZfs } from '../../../../src/zfs/sync-zfs.ts';
import { FaultyRun } from '../../../support/model/faults.ts';
import {
  conflict,
  createConflictMac,
  home,
  name,
  story,
  type ConflictMac,
} from '../../../support/conflicts/conflict-mac.ts';

let mac: ConflictMac;

beforeEach(async () => {
  mac = await createConflictMac(story);
});

afterEach(() => {
  mac.remove();
});

const observer = { command: () => undefined, warning: () => undefined };

function withServer(change: (host: Host) => Host): Session {
  const { server } = mac.session;
  return { ...mac.session, server: { ...server, zfs: createSyncZfs(change(server.zfs.host), observer) } };
}

/** The link is cut in the middle of the first stream. */
const cut = (bytes: number): Session =>
  withServer((host) => new FaultyRun({ kind: 'cut-at-byte', bytes }).host(host, true));

/** No stream can be gone on with. */
const refusing = (): Session =>
  withServer((host) => ({
    ...host,
    stream: (argv, options) =>
      argv.includes('-t')
        ? Promise.reject(new RoamhomeError({ code: 'stream-refused', message: 'refused', remedy: 'r' }))
        : host.stream(argv, options),
  }));

const tokenOf = (dataset: DatasetName): Promise<string> =>
  mac.zfs.run(listProperty(dataset, 'receive_resume_token'), mac.session);

const views = 'data/profiles-conflicts/restore/alice';

test('a conflict comes from the server anew where zfs refuses to go on with an interrupted stream', async () => {
  await mac.run(`destroy -r ${conflict}`);
  const names = { branch: conflict, name };
  await expect(fetchConflict(cut(500), names)).rejects.toThrow();
  expect(await tokenOf(conflict)).not.toBe('-');
  expect((await fetchConflict(refusing(), names)).dataset).toBe(conflict);
});

test('a snapshot comes from the server anew where zfs refuses to go on with an interrupted stream', async () => {
  // In full: this Mac has no home.
  await mac.run(`destroy -r ${conflict}`, `unmount ${home}`, `destroy -r ${home}`);
  await mac.runOnServer(`snapshot ${home}@later`);
  const { history, homes } = await readHistory(mac.session, true);
  const snapshot = history.datasets[0]!.snapshots.find(({ short }) => short === 'later')!;
  const look = (session: Session): Promise<string> =>
    withViews(session, [{ path: '', snapshot }], homes, () => Promise.resolve('seen'));
  await expect(look(cut(500))).rejects.toThrow();
  expect(await tokenOf(parseDatasetName(`${views}/${snapshot.guid}`))).not.toBe('-');
  expect(await look(refusing())).toBe('seen');
});
