import { beforeAll, expect, test } from 'vitest';
import { installed, lab, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

beforeAll(async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  expect((await login('mac-a')).report.problems).toEqual([]);
});

// zfs has sent a small change long before a server so far away has started its receiver.
test('a small change goes over a link that takes seconds, there and back', async () => {
  for (const mac of ['mac-a', 'mac-b'] as const) await lab('net', mac, 'delay', '1500');
  await sh('mac-a', 'echo more >> /Users/alice/greeting');
  const sent = await logout('mac-a');
  expect(sent).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
  expect(sent.report.sync?.pushedBytes).toBeGreaterThan(0);
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));

  expect(await login('mac-b')).toMatchObject({
    code: 0,
    report: { mounted: true, problems: [], warnings: [] },
  });
  expect(await run('mac-b', 'cat', '/Users/alice/greeting')).toBe('hello\nmore\n');
});
