import { beforeAll, beforeEach, expect, test } from 'vitest';
import { reset, run, sh } from './lab.ts';
import { bothSides, greeting, loggedIn, saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { login, logout, snapshots } from './roam.ts';
import { situations } from './situations.ts';
import { expectOnlyNewSnapshots, withoutPartial, withoutRecord } from './unchanged.ts';

/** Each test leaves things as it found them, or the next starts from the saved state: a reset for each costs a minute. */
let asFound = true;

beforeAll(saveLoggedIn);

beforeEach(async () => {
  if (!asFound) await reset(loggedIn);
  asFound = false;
});

test.each(situations.map((situation) => [situation.name, situation] as const))(
  '%s: a logout keeps what is new, a login mounts it, and it is sent once that is over',
  async (name, { cause, gone, options = [], kibibytes = 1, code, exit, message, remedy }) => {
    await cause?.();
    const content = `written while ${name}\n`;
    await sh(
      'mac-a',
      `echo "${content.trim()}" >${greeting}; head -c ${kibibytes}K /dev/urandom >/Users/alice/bulk`,
    );
    const before = await bothSides();
    const told = {
      code: exit,
      report: { sync: null, problems: [{ code, message: like(message), remedy: like(remedy) }] },
    };

    const started = Date.now();
    const atLogout = await logout('mac-a', 'alice', ...options);
    const logoutMs = Date.now() - started;
    expect(atLogout).toMatchObject(told);
    expect(atLogout.report.mounted).toBe(false);
    expect(atLogout.report.summary).toMatch(/not synced, pending, nothing is lost, 1 problem$/);
    // Connecting is bounded; the margin is for an emulated processor that others use too.
    if (code === 'server-unreachable') expect(logoutMs).toBeLessThan(45_000);

    const atLogin = await login('mac-a', 'alice', ...options);
    expect(atLogin).toMatchObject(told);
    expect(atLogin.report).toMatchObject({ mounted: true, snapshot: null });
    expect(await run('mac-a', 'cat', greeting)).toBe(content);
    const after = await bothSides();
    const server = withoutRecord(after.server);
    expect(kibibytes > 1 ? withoutPartial(server) : server).toEqual(withoutRecord(before.server));
    expect(expectOnlyNewSnapshots(before.mac, after.mac)).toEqual([
      `data/profiles/alice@${atLogout.report.snapshot}`,
    ]);

    const [problem] = atLogin.report.problems;
    if (problem !== undefined) await gone?.(problem);
    const atLast = await login('mac-a');
    expect(atLast).toMatchObject({ code: 0, report: { mounted: true, problems: [] } });
    // Where some had arrived before, only the rest.
    expect(atLast.report.sync?.pushedBytes).toBeGreaterThan(0);
    expect(await snapshots('server')).toEqual(await snapshots('mac-a'));
    asFound = true;
  },
);
