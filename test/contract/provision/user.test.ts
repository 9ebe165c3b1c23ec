import { beforeEach, describe, expect, test } from 'vitest';
import { addFromCsv } from '../../../src/cli/provision/add-from-csv.ts';
import { formatUsers, usersToJson } from '../../../src/cli/provision/user-table.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import type { DirectoryPlace } from '../../../src/directory/apply-step.ts';
import { openDirectory } from '../../../src/directory/open-directory.ts';
import { directorySettings } from '../../../src/directory/settings.ts';
import { detailsOf } from '../../../src/provision/describe-change.ts';
import type { Report } from '../../../src/provision/run-tasks.ts';
import { addUserTasks } from '../../../src/provision/user/add-user.ts';
import { readCsv } from '../../../src/provision/user/csv.ts';
import { removeFromDirectory, renameInDirectory } from '../../../src/provision/user/directory-task.ts';
import { listUsers } from '../../../src/provision/user/list-users.ts';
import { renameHomeTask } from '../../../src/provision/user/rename-task.ts';
import { noSessionTask } from '../../../src/provision/user/session-task.ts';
import { destroyTask, setAsideTask } from '../../../src/provision/user/set-aside-task.ts';
import type { UserRequest } from '../../../src/provision/user/user-request.ts';
import { base, createSlapd, rootDn, secret, tree, type Slapd } from '../directory/slapd.ts';
import { createHomesServer, killAt, perform, type HomesServer } from './homes-server.ts';
import { documentOf } from '../../support/cli/expect-shape.ts';
import { fakeContext } from '../../support/cli/fake-context.ts';

const request = (user: string, more: Partial<UserRequest> = {}): UserRequest => ({
  ...{ user, uidNumber: null, fullName: null, mail: null, quota: 20n * 1024n ** 3n, excluded: null },
  ...more,
});

const gib20 = '21474836480';

describe('users, on a simulated server and a real slapd', () => {
  let slapd: Slapd;
  let server: HomesServer;
  let directory: DirectoryPlace;
  const { signal } = new AbortController();

  beforeEach(async () => {
    [slapd, server] = await Promise.all([createSlapd(), createHomesServer()]);
    slapd.add(tree);
    const config = defaultsFor('linux', 'test');
    const settings = directorySettings({
      ...config,
      directory: { ...config.directory, url: slapd.url, baseDn: base, bindDn: rootDn },
    });
    directory = { directory: await openDirectory(settings, secret, signal), settings, signal };
    return async () => {
      await directory.directory.close();
      await slapd.remove();
    };
  });

  const add = (wanted: UserRequest, from: DirectoryPlace | null = directory) =>
    addUserTasks(server.place, from, wanted, false);
  const remove = (user: string, { force = false, destroy = false } = {}) => [
    noSessionTask(server.place, user, force),
    removeFromDirectory(server.place.machine, directory, user),
    setAsideTask(server.place, user),
    ...(destroy ? [destroyTask(server.place, user)] : []),
  ];
  const move = (from: string, to: string) => [
    noSessionTask(server.place, from, false),
    renameInDirectory(server.place.machine, directory, { from, to }),
    renameHomeTask(server.place, { from, to }),
  ];
  /** The directory without its counter: a run that was killed may have left a number out. */
  const entries = (): string => slapd.search(base, '(!(cn=roamhome-next-uid))');
  const all = async (): Promise<string> => `${entries()}\n${await server.state()}`;

  test('a user gets an entry, membership, and a home that is whole and theirs; again: nothing to do', async () => {
    const report = await perform(add(request('alice')));
    expect(report.done).toEqual(['alice in the directory', 'the home of alice: data/profiles/alice']);
    expect(report.left).toEqual([expect.stringContaining('alice has no password yet: ldappasswd')]);
    expect(await server.state()).toContain(`data/profiles/alice\tnoauto\tnone\t20G\tno\t-\n`);
    expect(await server.state()).toContain('data/profiles/alice@roamhome-20261126T120000.000Z-server');
    expect(await server.givenTo('alice')).toEqual(['chown 10000:2500', 'chmod 0700']);
    expect(entries()).toContain('memberUid: alice');

    const before = await all();
    expect(await perform(add(request('alice')))).toEqual({ done: [], alreadySo: report.done, left: [] });
    expect(await all()).toBe(before);
  });

  test('a quota is changed, and taken away', async () => {
    await perform(add(request('alice')));
    const quota = async () => (await server.zfs('get -Hp -o value quota data/profiles/alice')).trim();
    expect(await quota()).toBe(gib20);
    await perform(add(request('alice', { quota: null })));
    expect(await quota()).toBe(gib20);
    await perform(add(request('alice', { quota: 0n })));
    expect(await quota()).toBe('0');
    expect((await perform(add(request('alice', { quota: 0n })))).done).toEqual([]);
  });

  describe.each(['before', 'after'] as const)('killed %s each change and run again', (when) => {
    const alice = request('alice', { uidNumber: 10_000 });
    const whole = () => perform(add(alice));
    const gone = () => perform(remove('alice', { destroy: true }));
    test.each([
      ['add', 11, () => Promise.resolve(), () => add(alice), gone],
      ['remove', 4, whole, () => remove('alice'), gone],
      ['remove --destroy-data', 5, whole, () => remove('alice', { destroy: true }), gone],
      ['move', 5, whole, () => move('alice', 'alicia'), () => perform(remove('alicia', { destroy: true }))],
    ] as const)('%s ends the same as in one run', async (_name, changes, prepare, tasks, cleanUp) => {
      await prepare();
      await perform(tasks());
      const want = await all();
      await cleanUp();
      for (let number = 1; ; number += 1) {
        await prepare();
        const killed = await killAt(tasks(), number, when);
        await perform(tasks());
        expect(await all(), `killed ${when} change ${number}`).toBe(want);
        if (want.includes('data/profiles/alice\t'))
          expect(await server.givenTo('alice')).toEqual(['chown 10000:2500', 'chmod 0700']);
        await cleanUp();
        if (killed) continue;
        expect(number - 1).toBe(changes);
        return;
      }
    });
  });

  test('remove keeps the home beside the others, as a conflict; its data go only when that is said', async () => {
    await perform(add(request('alice')));
    const report = await perform(remove('alice'));
    expect(report.done).toEqual(['alice out of the directory', 'the home of alice set aside']);
    expect(report.left).toEqual([
      expect.stringMatching(
        /^data\/profiles-conflicts\/alice-removed-\d{8}T\d{6}Z stays on the server until it is destroyed there: roamhome conflicts discard alice-removed-\d{8}T\d{6}Z --server$/,
      ),
    ]);
    expect(entries()).not.toContain('alice');
    expect(await server.state()).toMatch(
      /^data\/profiles-conflicts\/alice-removed-STAMP\tnoauto\tnone\t20G\tno\talice$/m,
    );
    const again = await perform(remove('alice'));
    expect(again.done).toEqual([]);
    expect(again.left).toEqual(report.left);

    // Somebody else of that name, and then both are to go.
    await perform(add(request('alice')));
    const other = await perform(remove('alice', { destroy: true }));
    expect(other.done).toContain('the data of alice destroyed');
    expect(await server.state()).not.toContain('alice');
  });

  test('nobody is removed or renamed who is logged in, unless forced', async () => {
    await perform(add(request('alice')));
    await server.zfs('set roamhome:session=mac-a,2026-11-26T11:00:00Z data/profiles/alice');
    const before = await all();
    for (const tasks of [remove('alice'), remove('alice', { destroy: true }), move('alice', 'alicia')])
      await expect(perform(tasks)).rejects.toMatchObject({
        code: 'logged-in-elsewhere',
        message: expect.stringContaining('alice is logged in on mac-a since') as string,
      });
    expect(await all()).toBe(before);
    expect((await perform(remove('alice', { force: true }))).done).toContain('the home of alice set aside');
  });

  test('a user is renamed, and only into a name that is free', async () => {
    await perform(add(request('alice')));
    await perform(add(request('bob')));
    const report: Report = await perform(move('alice', 'alicia'));
    expect(report.left).toEqual([expect.stringContaining('zfs rename')]);
    expect(await server.state()).toContain('data/profiles/alicia@roamhome-');
    expect((await perform(move('alice', 'alicia'))).done).toEqual([]);
    await expect(perform(move('bob', 'alicia'))).rejects.toMatchObject({ code: 'directory-taken' });
    await expect(
      perform([renameHomeTask(server.place, { from: 'bob', to: 'alicia' })]),
    ).rejects.toMatchObject({
      code: 'dataset-exists',
    });
    await server.zfs('create -o roamhome:conflict=bob data/profiles-conflicts/bob-mac-a-x');
    await expect(perform([renameHomeTask(server.place, { from: 'bob', to: 'rob' })])).rejects.toMatchObject({
      message: 'something of bob is set aside: data/profiles-conflicts/bob-mac-a-x',
    });
  });

  test('a dry run of adding shows every change, and makes none', async () => {
    const before = await all();
    const shown: string[] = [];
    await perform(add(request('alice')), (_task, change) => {
      shown.push(...detailsOf(change));
      return Promise.resolve();
    });
    expect(await all()).toBe(before);
    expect(shown).toEqual(
      expect.arrayContaining([
        `dn: uid=alice,ou=people,${base}`,
        'uidNumber: 10000',
        'memberUid: alice',
        `zfs create -o canmount=noauto -o mountpoint=/var/run/roamhome-new-alice -o quota=${gib20} data/profiles/.new-alice`,
        'chown 10000:2500 /var/run/roamhome-new-alice',
        'zfs rename -u data/profiles/.new-alice data/profiles/alice',
      ]),
    );
  });

  test('whom neither side knows, a server without roots, a number that is taken: nothing half-done', async () => {
    const before = await all();
    await expect(perform(add(request('nobody-at-all'), null))).rejects.toMatchObject({
      code: 'user-unknown',
    });
    await expect(
      perform(addUserTasks({ ...server.place, root: 'data/other' as never }, null, request('daemon'), false)),
    ).rejects.toMatchObject({ code: 'dataset-missing' });
    expect(await all()).toBe(before);
    await perform(add(request('alice', { uidNumber: 12_000 })));
    const one = await all();
    await expect(perform(add(request('bob', { uidNumber: 12_000 })))).rejects.toMatchObject({
      code: 'directory-taken',
      message: `the uid number 12000 is taken: uid=alice,ou=people,${base} has it`,
    });
    expect(await all()).toBe(one);
  });

  test('without a directory the home is that of the system’s user', async () => {
    await perform(add(request('daemon'), null));
    expect(await server.givenTo('daemon')).toEqual(['chown 1:1', 'chmod 0700']);
  });

  test('a list with bad lines: the rest is done, and the report says which', async () => {
    const list = [
      'user,full_name,uid,quota',
      'alice,Alice Cooper,,5G',
      'bob;x,,,',
      'carol,,12,',
      'dave,,11000,lots',
      'erin,,11000,',
      'erin,,,',
      'frank,"Frank, the elder",,',
      'grace,,11001,1G,more',
      '',
    ].join('\n');
    const { users, mistakes } = readCsv(list);
    const { context, printed, exitCode } = fakeContext();
    const run = () =>
      addFromCsv(users, mistakes, (wanted) => add(wanted), { dryRun: false, json: false }, context);
    await run();
    expect(
      printed()
        .split('\n')
        .filter((line) => !line.startsWith('    ')),
    ).toEqual([
      'line 3: bob;x: bad line: "bob;x" cannot be the name of a roaming user',
      'line 4: carol: bad line: "12" is no uid',
      'line 5: dave: bad line: "lots" is no quota',
      'line 6: erin: bad line: line 5 has the uid 11000 too',
      'line 7: erin: bad line: line 6 has the user erin too',
      'line 9: grace: bad line: it has 1 cell more than the first line',
      'line 2: alice: added',
      'line 8: frank: added',
      '2 added, 0 there already, 6 failed',
    ]);
    expect(exitCode()).toBe(65);
    expect(slapd.search(base, '(objectClass=posixAccount)', 'cn').match(/^cn: .*$/gm)).toEqual([
      'cn: Alice Cooper',
      'cn: Frank, the elder',
    ]);
    await run();
    expect(printed().split('\n').at(-1)).toBe('0 added, 2 there already, 6 failed');
  });

  test('a directory that goes away in the middle of a list: what was not tried is told, and done later', async () => {
    const { users } = readCsv('user\na\nb\nc\n');
    const { context, printed, exitCode } = fakeContext();
    await addFromCsv(users.slice(0, 1), [], (wanted) => add(wanted), { dryRun: false, json: false }, context);
    await slapd.stop();
    await addFromCsv(users, [], (wanted) => add(wanted), { dryRun: false, json: false }, context);
    expect(printed().split('\n').slice(-4)).toEqual([
      expect.stringContaining('running this again goes on'),
      'line 3: b: not tried',
      'line 4: c: not tried',
      '0 added, 0 there already, 1 failed, 2 not tried: run it again when the cause is removed',
    ]);
    expect(exitCode()).toBe(69);
    await slapd.start();
  });

  test('an entry that was there with another home directory is left as it is, and told', async () => {
    slapd.add(
      `dn: uid=carol,ou=people,${base}\nobjectClass: account\nobjectClass: posixAccount\nuid: carol\ncn: c\nuidNumber: 10400\ngidNumber: 1\nhomeDirectory: /home/carol\n`,
    );
    const mistake = 'the home directory is /home/carol, not /Users/carol (directory.homeBase)';
    const { left } = await perform(add(request('carol')));
    expect(left.filter((line) => line.includes('home directory'))).toEqual([`carol: ${mistake}`]);
    const users = await listUsers(server.place, directory, signal);
    expect(users.find(({ user }) => user === 'carol')?.problems).toEqual([mistake]);
  });

  test('the list: who has what, and what is wrong', async () => {
    await perform(add(request('alice')));
    await perform(add(request('bob', { quota: null })));
    slapd.add(
      `dn: uid=carol,ou=people,${base}\nobjectClass: account\nobjectClass: posixAccount\nuid: carol\ncn: c\nuidNumber: 10000\ngidNumber: 1\nhomeDirectory: /h\n`,
    );
    await perform(add(request('dave')));
    await server.zfs('rename data/profiles/dave data/profiles/ghost');
    await server.zfs('create data/profiles/empty');
    await server.zfs('set roamhome:session=mac-b,2026-11-26T11:00:00Z data/profiles/bob');
    const users = await listUsers(server.place, directory, signal);
    expect(users.map(({ user, problems }) => [user, ...problems])).toEqual([
      ['alice', `uid=carol,ou=people,${base} has the same uid number`],
      ['bob'],
      ['dave', 'no home on the server'],
      ['empty', 'a home without a member of the group in the directory', 'no snapshot'],
      ['ghost', 'a home without a member of the group in the directory'],
    ]);
    const text = formatUsers(users);
    expect(text.split('\n')[0]).toMatch(/^USER +UID +USED +QUOTA +LAST SNAPSHOT +LOGGED IN$/);
    expect(text).toMatch(/^bob +10001 .* mac-b$/m);
    expect(text.split('\n').at(-1)).toBe('5 users, 4 with a problem');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const { context, printed } = fakeContext();
    context.print(usersToJson(users));
    const listed = documentOf('provision user list', printed()) as unknown as {
      readonly users: readonly object[];
    };
    expect(listed.users[1]).toMatchObject({
      ...{ user: 'bob', uid: 10_001, problems: [] },
      home: { dataset: 'data/profiles/bob', quotaBytes: null, session: { macName: 'mac-b' } },
    });
    // Without a directory only what the server itself knows.
    const plain = await listUsers(server.place, null, signal);
    expect(plain.find(({ user }) => user === 'ghost')?.problems).toEqual([
      'a home without a user that this server knows',
    ]);
  });
});
