import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { applyStep } from '../../../src/directory/apply-step.ts';
import type { AccountRequest } from '../../../src/directory/account.ts';
import type { DirectoryConnection } from '../../../src/directory/connection.ts';
import { observeUser } from '../../../src/directory/observe-user.ts';
import { openDirectory } from '../../../src/directory/open-directory.ts';
import {
  planAddUser,
  planRemoveUser,
  planRenameUser,
  type DirectoryStep,
} from '../../../src/directory/plan-user.ts';
import { readBindSecret } from '../../../src/directory/secret.ts';
import { directorySettings, type DirectorySettings } from '../../../src/directory/settings.ts';
import { base, createSlapd, readerDn, rootDn, secret, tree, type Slapd } from './slapd.ts';

const never = (): AbortSignal => new AbortController().signal;

function settingsFor(directory: Partial<Config['directory']>, limits: Partial<Config['limits']> = {}) {
  const config = defaultsFor('linux', 'test');
  const own = { ...config.directory, baseDn: base, bindDn: rootDn, ...directory };
  return directorySettings({ ...config, directory: own, limits: { ...config.limits, ...limits } });
}

const request = (user: string, uidNumber: number | null = null): AccountRequest => ({
  user,
  uidNumber,
  fullName: null,
  mail: null,
});

async function withDirectory<T>(
  settings: DirectorySettings,
  work: (directory: DirectoryConnection) => Promise<T>,
): Promise<T> {
  const directory = await openDirectory(settings, secret, never());
  try {
    return await work(directory);
  } finally {
    await directory.close();
  }
}

async function applyAll(
  settings: DirectorySettings,
  directory: DirectoryConnection,
  plan: readonly DirectoryStep[],
) {
  for (const step of plan) await applyStep({ directory, settings, signal: never() }, step);
  return plan;
}

const addUser = (settings: DirectorySettings, wanted: AccountRequest, prepare = false) =>
  withDirectory(settings, async (directory) =>
    applyAll(
      settings,
      directory,
      planAddUser(
        await observeUser(directory, settings, wanted.user, wanted.uidNumber),
        wanted,
        settings,
        prepare,
      ),
    ),
  );

describe('users in a real LDAP directory', () => {
  let slapd: Slapd;
  let settings: DirectorySettings;
  beforeEach(async () => {
    slapd = await createSlapd();
    slapd.add(tree);
    settings = settingsFor({ url: slapd.url });
    return () => slapd.remove();
  });

  const numbers = (): readonly string[] =>
    [...slapd.search(base, '(objectClass=posixAccount)', 'uidNumber').matchAll(/^uidNumber: (\d+)$/gm)].map(
      ([, number]) => number ?? '',
    );

  test('an entry, its number and its membership; a second run finds all of it', async () => {
    const wanted = { ...request('alice'), fullName: 'Alice M. Müller', mail: 'alice@school.example' };
    await addUser(settings, wanted);
    expect(slapd.search(base, '(uid=alice)').trim().split('\n').sort()).toEqual(
      [
        `dn: uid=alice,ou=people,${base}`,
        'objectClass: top',
        'objectClass: inetOrgPerson',
        'objectClass: posixAccount',
        'uid: alice',
        `cn:: ${Buffer.from('Alice M. Müller').toString('base64')}`,
        `sn:: ${Buffer.from('Müller').toString('base64')}`,
        'givenName: Alice M.',
        'mail: alice@school.example',
        'uidNumber: 10000',
        'gidNumber: 2500',
        'homeDirectory: /Users/alice',
        'loginShell: /bin/bash',
      ].sort(),
    );
    expect(slapd.search(base, '(memberUid=alice)', 'memberUid')).toContain('memberUid: alice');
    expect(await addUser(settings, wanted)).toEqual([]);
    await addUser(settings, request('bob'));
    expect(numbers()).toEqual(['10000', '10001']);
  });

  test('20 admins add 20 users at once: 20 numbers, none twice and none left out', async () => {
    const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
    await Promise.all(users.map((user) => addUser(settings, request(user))));
    expect(numbers().map(Number).sort()).toEqual(users.map((_, i) => 10_000 + i));
    expect(slapd.search(base, '(cn=zfs_mobile_sync)', 'memberUid').match(/^memberUid: /gm)).toHaveLength(20);
  });

  test('20 admins ask for the same number: at most one gets it, the others are told whose it is', async () => {
    const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
    const ended = await Promise.allSettled(users.map((user) => addUser(settings, request(user, 12_345))));
    const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    expect(refused.length).toBeGreaterThanOrEqual(19);
    for (const error of refused) expect(error).toMatchObject({ code: 'directory-taken' });
    expect(numbers()).toEqual(Array.from({ length: 20 - refused.length }, () => '12345'));
  });

  test('numbers that other programs gave are left out, and those of the range alone count', async () => {
    const other = (user: string, number: number) => {
      slapd.add(
        `dn: uid=${user},ou=people,${base}\nobjectClass: account\nobjectClass: posixAccount\nuid: ${user}\ncn: ${user}\nuidNumber: ${number}\ngidNumber: 1\nhomeDirectory: /h\n`,
      );
    };
    other('old', 10_004);
    other('service', 70_000);
    await addUser(settings, request('alice'));
    other('new', 10_006);
    await addUser(settings, request('bob'));
    expect(slapd.search(base, '(uid=alice)', 'uidNumber')).toContain('uidNumber: 10005');
    expect(slapd.search(base, '(uid=bob)', 'uidNumber')).toContain('uidNumber: 10007');
  });

  test('a range that is used up is said', async () => {
    const narrow = settingsFor({ url: slapd.url, uidMin: 10_000, uidMax: 10_000 });
    await addUser(narrow, request('alice'));
    await expect(addUser(narrow, request('bob'))).rejects.toMatchObject({
      code: 'directory-taken',
      message: 'the uid numbers from 10000 to 10000 are used up',
    });
  });

  test('a bare directory is prepared when that is asked for', async () => {
    const elsewhere = settingsFor({
      url: slapd.url,
      usersDn: `ou=pupils,ou=roaming,${base}`,
      groupsDn: `ou=roaming,${base}`,
    });
    await expect(addUser(elsewhere, request('alice'))).rejects.toMatchObject({
      code: 'directory-incomplete',
      message: `the directory has no ou=roaming,${base}, no ou=pupils,ou=roaming,${base}, no cn=zfs_mobile_sync,ou=roaming,${base}`,
    });
    await addUser(elsewhere, request('alice'), true);
    expect(slapd.search(`ou=roaming,${base}`, '(cn=zfs_mobile_sync)', 'memberUid', 'gidNumber')).toBe(
      `dn: cn=zfs_mobile_sync,ou=roaming,${base}\ngidNumber: 10000\nmemberUid: alice\n\n`,
    );
    expect(await addUser(elsewhere, request('alice'), true)).toEqual([]);
  });

  test('a group of names lists DNs', async () => {
    const group = `cn=staff,ou=groups,${base}`;
    slapd.add(`dn: ${group}\nobjectClass: groupOfNames\ncn: staff\nmember: ${rootDn}\n`);
    const names = { ...settings, groupDn: group, group: 'staff' };
    // It has no number that could be a main group.
    await expect(addUser(names, request('alice'))).rejects.toMatchObject({ code: 'directory-incomplete' });
    await addUser(settings, request('alice'));
    await addUser(names, request('alice'));
    const member = `member: uid=alice,ou=people,${base}`;
    expect(slapd.search(base, '(cn=staff)', 'member')).toContain(member);
    expect(await addUser(names, request('alice'))).toEqual([]);
    await withDirectory(names, async (directory) =>
      applyAll(names, directory, planRemoveUser(await observeUser(directory, names, 'alice'), 'alice')),
    );
    expect(slapd.search(base, '(cn=staff)', 'member')).not.toContain(member);
  });

  const rename = (from: string, to: string) =>
    withDirectory(settings, async (directory) =>
      applyAll(
        settings,
        directory,
        planRenameUser(
          await observeUser(directory, settings, from),
          await observeUser(directory, settings, to),
          { from, to },
          settings,
        ),
      ),
    );

  test('a user is renamed and keeps the number, and removed; each again changes nothing', async () => {
    await addUser(settings, request('alice'));
    await rename('alice', 'alicia');
    expect(slapd.search(base, '(uid=alic*)', 'uid', 'uidNumber', 'homeDirectory')).toBe(
      `dn: uid=alicia,ou=people,${base}\nuidNumber: 10000\nuid: alicia\nhomeDirectory: /Users/alicia\n\n`,
    );
    expect(slapd.search(base, '(cn=zfs_mobile_sync)', 'memberUid')).toContain('memberUid: alicia\n\n');
    expect(await rename('alice', 'alicia')).toEqual([]);
    await addUser(settings, request('bob'));
    await expect(rename('bob', 'alicia')).rejects.toMatchObject({ code: 'directory-taken' });

    const remove = () =>
      withDirectory(settings, async (directory) =>
        applyAll(
          settings,
          directory,
          planRemoveUser(await observeUser(directory, settings, 'alicia'), 'alicia'),
        ),
      );
    await remove();
    expect(slapd.search(base, '(|(uid=alicia)(memberUid=alicia))', 'dn')).toBe('');
    expect(await remove()).toEqual([]);
  });

  test('cut off after each step and run again, adding and renaming end the same', async () => {
    const entries = (): string =>
      slapd
        .search(base, '(!(cn=roamhome-next-uid))')
        .split('\n')
        .filter((line) => line !== '')
        .join('\n');
    await addUser(settings, request('zoe'));
    const cutOff = async (plan: (directory: DirectoryConnection) => Promise<readonly DirectoryStep[]>) => {
      for (;;) {
        const left = await withDirectory(settings, async (directory) => {
          const planned = await plan(directory);
          const [first] = planned;
          if (first !== undefined) await applyStep({ directory, settings, signal: never() }, first);
          return planned.length;
        });
        if (left === 0) return;
      }
    };
    await cutOff(async (directory) =>
      planAddUser(await observeUser(directory, settings, 'alice'), request('alice'), settings, false),
    );
    await cutOff(async (directory) =>
      planRenameUser(
        await observeUser(directory, settings, 'alice'),
        await observeUser(directory, settings, 'alicia'),
        { from: 'alice', to: 'alicia' },
        settings,
      ),
    );
    const cut = entries();
    await withDirectory(settings, async (directory) =>
      applyAll(
        settings,
        directory,
        planRemoveUser(await observeUser(directory, settings, 'alicia'), 'alicia'),
      ),
    );
    await addUser(settings, request('alice', 10_001));
    await rename('alice', 'alicia');
    expect(entries()).toBe(cut);
  });
});

describe('a directory that does not do what is wanted', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await createSlapd();
    slapd.add(tree);
  });
  afterAll(() => slapd.remove());

  const open = (directory: Partial<Config['directory']>, password = secret) =>
    openDirectory(settingsFor(directory, { connectSeconds: 2, stallSeconds: 2 }), password, never()).then(
      (opened) => opened.close(),
    );

  test('TLS and StartTLS are checked against the authority, and pass', async () => {
    await open({ url: slapd.tlsUrl, caFile: slapd.caFile });
    // Loopback goes without; another name of this machine does not.
    const settings = {
      ...settingsFor({ url: slapd.url, caFile: slapd.caFile }),
      transport: 'starttls' as const,
    };
    const directory = await openDirectory(settings, secret, never());
    expect(await directory.search({ base, scope: 'entry', filter: '(o=*)', attributes: ['o'] })).toEqual([
      { dn: base, attributes: { o: ['School'] } },
    ]);
    await directory.close();
  });

  test.each([
    ['tls', () => settingsFor({ url: slapd.tlsUrl, caFile: slapd.otherCaFile })],
    [
      'starttls',
      () => ({
        ...settingsFor({ url: slapd.url, caFile: slapd.otherCaFile }),
        transport: 'starttls' as const,
      }),
    ],
    ['tls with Node’s own authorities', () => settingsFor({ url: slapd.tlsUrl })],
    ['a certificate for another name', () => settingsFor({ url: slapd.misnamedUrl, caFile: slapd.caFile })],
  ])(
    '%s: a certificate that is not to be trusted ends it before the password is sent',
    async (_name, make) => {
      await expect(openDirectory(make(), secret, never())).rejects.toMatchObject({
        code: 'directory-untrusted',
      });
    },
  );

  test('a wrong password, and somebody who may not write', async () => {
    await expect(open({ url: slapd.url }, 'wrong')).rejects.toMatchObject({
      code: 'directory-refused',
      message: `${slapd.url} does not take the password of ${rootDn}`,
    });
    await expect(
      addUser(settingsFor({ url: slapd.url, bindDn: readerDn }), request('alice')),
    ).rejects.toMatchObject({ code: 'directory-refused' });
    expect(slapd.search(base, '(uid=alice)')).toBe('');
  });

  test('a directory that is away, does not answer, or goes away', async () => {
    await expect(open({ url: 'ldap://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'directory-unreachable',
      retryable: true,
    });
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const url = `ldap://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    await expect(open({ url })).rejects.toMatchObject({ code: 'directory-unreachable' });
    const starttls = {
      ...settingsFor({ url }, { connectSeconds: 1, stallSeconds: 1 }),
      transport: 'starttls' as const,
    };
    await expect(openDirectory(starttls, secret, never())).rejects.toMatchObject({
      code: 'directory-unreachable',
    });
    mute.close();

    const settings = settingsFor({ url: slapd.url });
    const directory = await openDirectory(settings, secret, never());
    await slapd.stop();
    await slapd.start();
    // A new connection would have nobody bound to it, and no encryption.
    await expect(observeUser(directory, settings, 'alice')).rejects.toMatchObject({
      code: 'directory-unreachable',
    });
    await directory.close();
  });

  test('a password file that others can read, an empty one, none', () => {
    const file = join(slapd.directory, 'weak');
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    expect(readBindSecret(file, {})).toBe(secret);
    chmodSync(file, 0o644);
    expect(() => readBindSecret(file, {})).toThrow(`others than its owner can get at ${file} (mode 0644)`);
    writeFileSync(join(slapd.directory, 'empty'), '\n', { mode: 0o600 });
    expect(() => readBindSecret(join(slapd.directory, 'empty'), {})).toThrow('is empty');
    expect(() => readBindSecret(null, {})).toThrow('there is no password for the directory');
    expect(readBindSecret(null, { ROAMHOME_BIND_SECRET: 'from there' })).toBe('from there');
  });
});
