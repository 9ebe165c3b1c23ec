import { afterEach, beforeEach, expect, test } from 'vitest';
import { RoamhomeError } from '../../../../src/errors/errors.ts';
import { homeSnapshots } from '../../../../src/homes/history/home-history.ts';
import { readHistory } from '../../../../src/homes/history/read-history.ts';
import { withViews } from '../../../../src/homes/history/with-views.ts';
import { createConflictMac, story, type ConflictMac } from '../../../support/conflicts/conflict-mac.ts';

let mac: ConflictMac;

beforeEach(async () => {
  mac = await createConflictMac(story);
});

afterEach(() => {
  mac.remove();
});

test('a connection that is lost on the way is told as that, on a Mac that never looked at a snapshot', async () => {
  await mac.runOnServer('snapshot data/profiles/alice@later');
  const { history, homes } = await readHistory(mac.session, true);
  expect(homeSnapshots(history).map(({ name }) => name)).toContain('later');
  const [home] = history.datasets;
  const snapshot = home!.snapshots.find(({ short }) => short === 'later')!;
  const lost = new RoamhomeError({ code: 'connection-lost', message: 'cut', remedy: 'r', retryable: true });
  const { server } = mac.session;
  const cut = { ...server, zfs: { ...server.zfs, run: () => Promise.reject(lost) } };
  const host = { ...cut.zfs.host, stream: () => Promise.reject(lost), run: () => Promise.reject(lost) };
  const session = { ...mac.session, server: { ...cut, zfs: { ...cut.zfs, host } } };
  const looking = withViews(session, [{ path: '', snapshot }], homes, () => Promise.resolve('seen'));
  await expect(looking).rejects.toMatchObject({ code: 'connection-lost' });
});
