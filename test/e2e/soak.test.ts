import { beforeAll, expect, test } from 'vitest';
import { exec, fileOf, installed, lab, put, reset, run, sh } from './lab.ts';
import { createHome, describeTree, installOnServer, login, logout } from './roam.ts';
import { digestsOn, homeOf, uids } from './soak/deeds.ts';
import { Outside } from './soak/outside.ts';
import { planRounds } from './soak/plan.ts';
import { playRound, settle } from './soak/play.ts';

/** How many sessions, and which: docs/lab.md. */
const sessions = Number(process.env['ROAMHOME_SOAK'] ?? 10);
const seed = process.env['ROAMHOME_SOAK_SEED'] ?? '20261130';
const users = ['alice', 'bob'] as const;

beforeAll(async () => {
  await reset(installed);
  await installOnServer();
  for (const host of ['server', 'mac-a', 'mac-b'] as const) {
    await run(host, 'mkdir', '-p', '/opt/roamhome-test');
    await sh(host, 'command -v setfattr >/dev/null');
    for (const tool of ['describe-tree.mjs', 'soak-edit.mjs'])
      await put(host, `/opt/roamhome-test/${tool}`, await fileOf(`test/e2e/guest/${tool}`));
    await put(
      host,
      '/opt/roamhome-test/digest-snapshots.sh',
      await fileOf('test/e2e/guest/digest-snapshots.sh'),
      '755',
    );
  }
  for (const user of users) {
    await createHome('mac-a', user, uids[user]);
    await run('mac-a', 'cp', '-p', `/Users/${user}/greeting`, `/Users/${user}/session`);
    for (const outcome of [
      await logout('mac-a', user),
      await login('mac-b', user),
      await logout('mac-b', user),
    ])
      expect(outcome.report.problems).toEqual([]);
  }
  // A volume that takes no part.
  await sh('mac-a', `zfs create -s -V 16M ${homeOf('bob')}/vm; zfs snapshot ${homeOf('bob')}/vm@before`);
  await lab('save', 'soak');
});

test(
  `nothing is lost and nothing stuck in ${sessions} sessions of two users on two Macs, with kills, cuts, full pools, tools' snapshots and busy homes`,
  { timeout: 3 * 3_600_000 },
  async () => {
    const [lines, faults]: [string[], string[]] = [[], []];
    const journal = {
      line: (text: string) => {
        lines.push(text);
        process.stdout.write(`${new Date().toISOString()} ${text}\n`);
      },
      fault: (text: string) => faults.push(text),
    };
    const outside = new Outside();
    const again = `to play it again: ROAMHOME_SOAK=${sessions} ROAMHOME_SOAK_SEED=${seed} npx vitest run --project e2e test/e2e/soak.test.ts`;
    process.stdout.write(`${again}\n`);
    for (const round of planRounds(seed, sessions)) {
      journal.line(JSON.stringify(round));
      await playRound(round, outside, journal);
    }
    const last = await settle(outside, journal);
    const about = [...lines, again].join('\n');
    expect(faults, about).toEqual([]);

    for (const told of last) {
      expect(told, about).toMatchObject({ code: 0, report: { problems: [] } });
    }
    for (const mac of ['mac-a', 'mac-b'] as const) {
      const { code, stdout } = await exec(mac, ['roamhome', 'status', '--brief']);
      // What was set aside is named until somebody has looked at it; nothing else may be.
      const told = stdout
        .trim()
        .replace(/^(ok|warning): /, '')
        .split('; ');
      expect(
        told.filter((words) => !/^(alice|bob): set aside: /.test(words)),
        about,
      ).toEqual(['2 of 2 homes in sync']);
      expect(code, about).toBe(told.length > 1 ? 1 : 0);
    }
    for (const user of users) {
      for (const mac of ['mac-a', 'mac-b'] as const) await run(mac, 'zfs', 'mount', homeOf(user));
      expect(await describeTree('mac-a', user), about).toBe(await describeTree('mac-b', user));
      for (const mac of ['mac-a', 'mac-b'] as const) await run(mac, 'zfs', 'unmount', homeOf(user));
    }

    const found = await Promise.all((['server', 'mac-a', 'mac-b'] as const).map(digestsOn));
    const lost = outside.promised.filter(({ digest }) => !found.some((digests) => digests.has(digest)));
    expect(outside.promised.length).toBeGreaterThan(0);
    expect(lost, about).toEqual([]);
    process.stdout.write(`soak: ${sessions} sessions, ${outside.promised.length} trees, all found\n`);
  },
);
