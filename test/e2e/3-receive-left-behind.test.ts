import { expect, test } from 'vitest';
import { exec, installed, reset, run, sh } from './lab.ts';
import { createHome, login, logout, snapshots } from './roam.ts';

const dataset = 'data/profiles/alice';

/** A push as that of a Mac that lost its power: it stands still after 4 of 8 MiB, and the server does not know yet. */
const standStill = `
  base=$(zfs list -Hpo name -t snapshot ${dataset})
  zfs mount ${dataset}
  head -c 8M /dev/urandom > /Users/alice/new
  zfs unmount ${dataset}
  zfs snapshot ${dataset}@new
  (zfs send -L -e -c -i "$base" ${dataset}@new | head -c 4M; exec sleep 1234) |
    ssh -i /etc/roamhome/id_ed25519 -o UserKnownHostsFile=/etc/roamhome/known_hosts zfs_mobile_sync@server \\
      zfs receive -u -s ${dataset}`;

async function receives(): Promise<number> {
  return Number((await exec('server', ['pgrep', '-c', '-x', '-f', `zfs receive -u -s ${dataset}`])).stdout);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function serverHasToken(): Promise<boolean> {
  return (await run('server', 'zfs', 'get', '-Hpo', 'value', 'receive_resume_token', dataset)) !== '-\n';
}

test('issue 2, 3: a receive left behind on the server: a login goes on with the local state, a logout waits and then resumes', async () => {
  await reset(installed);
  await createHome('mac-a');
  expect((await logout('mac-a')).report.problems).toEqual([]);
  const leftBehind = exec('mac-a', ['sh', '-c', `set -eu\n${standStill}`]);
  await until(serverHasToken);

  // The receive stands still for as long as it is let: that the login ends at all shows that its patience does.
  const held = await login('mac-a');
  expect(held).toMatchObject({ code: 75, report: { mounted: true, problems: [{ code: 'partial-state' }] } });
  expect(await run('mac-a', 'stat', '-c', '%s', '/Users/alice/new')).toBe(`${8 * 2 ** 20}\n`);

  expect(await receives()).toBe(1);
  const waiting = logout('mac-a');
  await until(async () =>
    (await sh('mac-a', 'tail -n 1 /var/log/roamhome/roamhome.log')).includes('step-put-off'),
  );
  await sh('mac-a', 'pkill -x sleep');
  expect((await leftBehind).stderr).toContain('Partially received snapshot is saved');
  const { code, report } = await waiting;
  expect({ code, problems: report.problems }).toEqual({ code: 0, problems: [] });
  expect(report.sync?.pushedBytes).toBeLessThan(5 * 2 ** 20);
  expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
  expect(await serverHasToken()).toBe(false);
});
