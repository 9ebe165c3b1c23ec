import { beforeAll, beforeEach, expect, test } from 'vitest';
import { lab, reset, run, sh } from './lab.ts';
import { saveLoggedIn } from './logged-in.ts';
import { like } from './matchers.ts';
import { describeTree, login, logout, snapshots } from './roam.ts';

const dataset = 'data/profiles/alice';
/** Alice is logged in on mac-a and has a folder; the server and mac-b have it too. */
const ready = 'trivial-differences';

beforeAll(async () => {
  await saveLoggedIn();
  await sh('mac-a', 'mkdir /Users/alice/Documents; echo "Dear Bob" >/Users/alice/Documents/letter');
  for (const outcome of [
    await logout('mac-a'),
    await login('mac-b'),
    await logout('mac-b'),
    await login('mac-a'),
  ])
    expect(outcome).toMatchObject({ code: 0, report: { problems: [], warnings: [] } });
  await lab('save', ready);
});

beforeEach(async () => {
  await reset(ready);
});

/** mac-a is left without a logout after `script`, and work of mac-b reaches the server before it is back. */
async function cutOffWhileServerMovesOn(how: 'power cut' | 'unmounted', script: string): Promise<void> {
  await sh('mac-a', `${script}\nzpool sync data`);
  if (how === 'power cut') await lab('power-cut', 'mac-a');
  else await run('mac-a', 'zfs', 'unmount', dataset);
  expect(await login('mac-b')).toMatchObject({ code: 0, report: { problems: [] } });
  await sh('mac-b', "echo 'from b' >/Users/alice/greeting");
  expect(await logout('mac-b')).toMatchObject({ code: 0, report: { problems: [] } });
  if (how === 'power cut') await lab('boot', 'mac-a');
}

test('what zfs diff says of a .DS_Store, and of what could be mistaken for it', async () => {
  const diff = async (script: string): Promise<readonly string[]> => {
    const text = await sh(
      'mac-a',
      `cd /Users/alice; zfs snapshot ${dataset}@before; ${script}
       zpool sync data; zfs diff -HF ${dataset}@before ${dataset}; cd /; zfs destroy ${dataset}@before`,
    );
    const lines = text.split('\n').filter((line) => line !== '');
    console.log(`${script}\n${lines.join('\n')}`);
    return lines.sort();
  };
  const home = '/Users/alice';
  expect(await diff('echo view >.DS_Store')).toEqual([`+\tF\t${home}/.DS_Store`, `M\t/\t${home}/`]);
  expect(await diff('echo other >>.DS_Store')).toEqual([`M\tF\t${home}/.DS_Store`]);
  expect(await diff('rm .DS_Store')).toEqual([`-\tF\t${home}/.DS_Store`, `M\t/\t${home}/`]);
  const folder = `${home}/Documents`;
  expect(await diff('echo view >Documents/.DS_Store')).toEqual([
    `+\tF\t${folder}/.DS_Store`,
    `M\t/\t${folder}`,
  ]);
  expect(await diff('echo other >>Documents/.DS_Store')).toEqual([`M\tF\t${folder}/.DS_Store`]);
  expect(await diff('ln Documents/.DS_Store Documents/second')).toEqual([
    `M\t/\t${folder}`,
    like(/^M\tF\t\/Users\/alice\/Documents\/\S+\t\(\+1\)$/),
  ]);
  // Of two names one goes; the file is named by the other, with what it has less.
  expect(await diff('rm Documents/.DS_Store')).toEqual([
    `M\t/\t${folder}`,
    like(/^M\tF\t\/Users\/alice\/Documents\/\S+\t\(-1\)$/),
  ]);
  expect(await diff('mv Documents/second Documents/.DS_Store')).toEqual([
    `M\t/\t${folder}`,
    `R\tF\t${folder}/second\t${folder}/.DS_Store`,
  ]);
  expect(await diff('rm Documents/.DS_Store')).toEqual([`-\tF\t${folder}/.DS_Store`, `M\t/\t${folder}`]);
  for (const change of [
    'setfattr -n user.tag -v red Documents',
    'setfacl -m u:2002:rx Documents',
    'chmod 701 Documents',
  ])
    expect(await diff(change)).toEqual([`M\t/\t${folder}`]);
  expect(await diff("echo x >'a b'; rm 'a b'; echo x >'ü\\b'")).toEqual([
    `+\tF\t${home}/\\0303\\0274\\0134b`,
    `M\t/\t${home}/`,
  ]);
});

test('what macOS made by itself before a crash makes no conflict: the home is rolled back, and pulled', async () => {
  await cutOffWhileServerMovesOn(
    'power cut',
    `cd /Users/alice; echo view >.DS_Store; echo view >Documents/.DS_Store
     mkdir .fseventsd; echo log >.fseventsd/0000000000000001`,
  );
  const { code, report } = await login('mac-a');
  expect({ code, problems: report.problems, warnings: report.warnings, snapshot: report.snapshot }).toEqual({
    code: 0,
    problems: [],
    warnings: [],
    snapshot: null,
  });
  expect(report.mounted).toBe(true);
  expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('from b\n');
  expect(await snapshots('mac-a')).toEqual(await snapshots('server'));
  expect(await run('mac-a', 'zfs', 'list', '-H', '-o', 'name', '-r', 'data')).not.toContain('alice-mac-a');
  // The snapshot that was compared with is mounted no longer.
  expect(await run('mac-a', 'cat', '/proc/self/mounts')).not.toContain(`${dataset}@`);
  expect(await login('mac-b')).toMatchObject({ code: 0, report: { problems: [] } });
  expect(await describeTree('mac-a')).toBe(await describeTree('mac-b'));
});

test.each([
  ['a file of the user', 'echo thesis >Documents/thesis', 'cat Documents/thesis', 'thesis\n'],
  [
    'a tag on the folder',
    'setfattr -n user.tag -v red Documents',
    'getfattr --only-values -n user.tag Documents',
    'red',
  ],
  [
    'an ACL on the folder',
    'setfacl -m u:2002:rwx Documents',
    'getfacl -cn Documents | grep 2002',
    'user:2002:rwx\n',
  ],
  ['a second name of it', 'ln Documents/.DS_Store Documents/mine', 'cat Documents/mine', 'view\n'],
])(
  'with anything of the user besides it is a conflict as ever, and nothing is lost: %s',
  async (_what, change, look, found) => {
    await cutOffWhileServerMovesOn('unmounted', `cd /Users/alice; echo view >Documents/.DS_Store; ${change}`);
    const { code, report } = await login('mac-a');
    expect({ code, problems: report.problems, mounted: report.mounted }).toEqual({
      code: 10,
      problems: [],
      mounted: true,
    });
    expect(report.snapshot).not.toBeNull();
    expect(report.warnings).toEqual([like(/is kept: here as/)]);
    expect(await run('mac-a', 'cat', '/Users/alice/greeting')).toBe('from b\n');
    const conflict = (await run('mac-a', 'zfs', 'list', '-Hro', 'name', 'data/profiles-conflicts'))
      .split('\n')
      .find((name) => name.includes('/alice-mac-a-'));
    expect(
      await sh(
        'mac-a',
        `zfs set mountpoint=/mnt ${conflict ?? 'none'}; zfs mount -o ro ${conflict ?? 'none'}; cd /mnt; ${look}; cd /; zfs unmount ${conflict ?? 'none'}`,
      ),
    ).toBe(found);
  },
);

test('while nobody else goes on, it makes no snapshot, and stays where it is', async () => {
  await sh('mac-a', 'echo view >/Users/alice/Documents/.DS_Store; zpool sync data');
  const before = await snapshots('mac-a');
  for (const outcome of [await logout('mac-a'), await login('mac-a')]) {
    expect(outcome).toMatchObject({
      code: 0,
      report: { problems: [], warnings: [], snapshot: null, sync: { wasEqual: true } },
    });
  }
  expect(await snapshots('mac-a')).toEqual(before);
  expect(await run('mac-a', 'cat', '/Users/alice/Documents/.DS_Store')).toBe('view\n');
});
