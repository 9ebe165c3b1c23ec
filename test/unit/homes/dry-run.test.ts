import { expect, test } from 'vitest';
import { dryRun, type Foreseen } from '../../../src/homes/dry-run.ts';
import { login } from '../../../src/homes/login.ts';
import { logout } from '../../../src/homes/logout.ts';
import type { Session } from '../../../src/homes/session.ts';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { codes, fakeSession } from '../../support/homes/fake-session.ts';

async function foreseen(session: Session, what: 'login' | 'logout'): Promise<readonly string[]> {
  const seen: Foreseen[] = [];
  try {
    await dryRun(session, what, (one) => void seen.push(one));
  } catch (error) {
    return codes([error as Error]);
  }
  return seen.flatMap((one) => (one === 'conflict' ? ['conflict'] : codes([one])));
}

test.each([
  ['login', login],
  ['logout', logout],
] as const)('the dry run of a %s without a home fails as the run does', async (what, run) => {
  const fake = (): Session => fakeSession({ local: null, server: null }).session;
  const real = codes((await run(fake())).problems);
  expect(real).toContain('home-missing');
  expect(await foreseen(fake(), what)).toEqual(['home-missing']);
});

test('the dry run of a home with nothing in its way foresees nothing', async () => {
  expect(await foreseen(fakeSession({ local: '@a:1', server: '@a:1' }).session, 'logout')).toEqual([]);
});

test('that server.root is not on the server is said, and not that all would be sent', async () => {
  const missing = new RoamhomeError({ code: 'dataset-missing', message: 'gone', remedy: 'r' });
  const { session } = fakeSession({
    local: '@a:1',
    server: null,
    failures: { 'server: zfs list -Hp -o name tank/homes': missing },
  });
  await expect(dryRun(session, 'logout')).rejects.toMatchObject({
    code: 'dataset-missing',
    message: expect.stringMatching(/^server has no dataset tank\/homes, .*server\.root/) as string,
  });
});
