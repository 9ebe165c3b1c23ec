import { beforeAll, expect, test } from 'vitest';
import { exec, fileOf, put, reset, run, sh } from './lab.ts';
import { loggedIn, saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { killable } from './killable.ts';

const dataset = 'data/timemachine';
const rollback = ['roamhome', 'rollback', dataset, 'then'];

const zfs = (...words: readonly string[]): Promise<string> => run('mac-a', 'zfs', ...words);
const read = (file: string): Promise<string> => run('mac-a', 'cat', `/timemachine/${file}`);

/** What was kept, by the one name that it can have. */
async function keptAs(): Promise<string> {
  const names = (await zfs('list', '-Ho', 'name', '-d', '1', 'data')).split('\n');
  const kept = names.filter((name) => name.startsWith(`${dataset}-before-rollback-`));
  expect(kept).toHaveLength(1);
  return kept[0] ?? 'none';
}

beforeAll(saveLoggedIn);

async function makeTarget(): Promise<void> {
  await reset(loggedIn);
  await put('mac-a', '/opt/roamhome-test/kill-at.cjs', await fileOf('test/e2e/guest/kill-at.cjs'));
  await sh(
    'mac-a',
    `zfs create -o mountpoint=/timemachine ${dataset}
     zfs create ${dataset}/below; echo below >/timemachine/below/file
     echo one >/timemachine/file; zfs snapshot ${dataset}@then
     echo two >/timemachine/file; echo new >/timemachine/new; zfs snapshot ${dataset}@later
     echo three >/timemachine/file`,
  );
}

/** As it was at the snapshot, with all that it was since beside it. */
async function expectDone(): Promise<void> {
  expect([await read('file'), await read('below/file')]).toEqual(['one\n', 'below\n']);
  expect(await sh('mac-a', 'ls /timemachine')).toBe('below\nfile\n');
  expect(await zfs('list', '-Ho', 'name', '-t', 'snapshot', dataset)).toBe(`${dataset}@then\n`);
  const kept = await keptAs();
  await sh('mac-a', `zfs set mountpoint=/kept ${kept}; zfs mount ${kept}`);
  expect(await sh('mac-a', 'cat /kept/file /kept/new /kept/.zfs/snapshot/later/file')).toBe(
    'three\nnew\ntwo\n',
  );
  expect(await zfs('get', '-Hpo', 'value', 'origin', kept)).toBe(`${dataset}@then\n`);
}

test('a target of Time Machine is put back with its service stopped meanwhile, and all that it was is kept', async () => {
  await makeTarget();
  const services = ['--before', 'touch /run/stopped', '--after', 'touch /run/started'];
  const shown = await exec('mac-a', [...rollback, ...services, '--dry-run']);
  expect(shown).toMatchObject({
    code: 0,
    stdout: like(/^touch \/run\/stopped\n[^]*^zfs promote [^]*\ntouch \/run\/started\n$/m),
    // The folder of the new one too.
    stderr: like(/1 new since, 0 gone, 2 changed, 0 renamed/),
  });
  expect([await read('file'), await sh('mac-a', 'ls /run/stopped 2>/dev/null || true')]).toEqual([
    'three\n',
    '',
  ]);
  const done = await exec('mac-a', [...rollback, ...services, '--yes', '--json']);
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect(await sh('mac-a', 'ls /run/stopped /run/started')).toBe('/run/started\n/run/stopped\n');
  await expectDone();
  expect(await exec('mac-a', [...rollback, '--yes'])).toMatchObject({ code: 0 });
  await keptAs();
});

test('killed between its commands, the same command comes to the same', async () => {
  await makeTarget();
  const killed = await sh(
    'mac-a',
    `for at in 5 7 9; do
       code=0
       KILL_AT=$at ${[killable, ...rollback.slice(1)].join(' ')} --yes --set log.level=debug >/run/killed 2>&1 || code=$?
       echo $code
     done
     ${rollback.join(' ')} --yes >/run/report`,
  );
  expect(killed).toContain('137\n');
  await expectDone();
});

test('a home in use is refused', async () => {
  await reset(loggedIn);
  await zfs('snapshot', 'data/profiles/alice@then');
  expect(await exec('mac-a', ['roamhome', 'rollback', 'data/profiles/alice', 'then', '--yes'])).toMatchObject(
    {
      code: 75,
      stderr: like(/alice/),
    },
  );
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('hello\n');
});
