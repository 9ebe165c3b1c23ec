import { describe, expect, test } from 'vitest';
import { compareDelegation } from '../../../../src/provision/server/delegation.ts';
import { withLshellSection } from '../../../../src/provision/server/lshell-section.ts';
import {
  sshdDropInText,
  wantedPermissions,
  wantedSshd,
} from '../../../../src/provision/server/wanted-server.ts';
import { listGrants } from '../../../../src/zfs/commands/permissions.ts';
import { knowsAppend, zfsVersions } from '../../../../src/zfs/commands/zfs-version.ts';
import { parseDatasetName } from '../../../../src/zfs/names.ts';
import { createBench } from '../../../support/simulator/machine.ts';

const dataset = parseDatasetName('data/profiles');

describe('lshell’s configuration', () => {
  const section = [
    '[sync]',
    '# Written by `roamhome provision server`, which writes this section anew.',
    "allowed : ['zfs']",
    "overssh : ['zfs']",
    `forbidden : [';', '&', '|', '\`', '>', '<', '$', '"', "'", '\\\\', '&&', '||', ' zfs ']`,
    'warning_counter : 2',
    'sudo_commands : []',
    'scp : 0',
    'sftp : 0',
    "env_path : '/usr/sbin:/sbin:/usr/local/sbin'",
    '',
  ].join('\n');
  const global = '[global]\nlogpath : /var/log/lshell/\n';
  test.each([
    ['none yet', '', `${global}\n[default]\n\n${section}`],
    ['others’', '[default]\nallowed : []\n', `${global}\n[default]\nallowed : []\n\n${section}`],
    ['ours', `${global}\n${section}`, `${global}\n${section}`],
    [
      'a [global] that lshell dies of',
      `[global]\nloglevel : 2\n\n[other]\nlogpath: x\n`,
      `${global}loglevel : 2\n\n[other]\nlogpath: x\n\n${section}`,
    ],
    [
      'ours, loosened, before another',
      "[global]\nlogpath= /x\n[sync]\nallowed: 'all'\nsftp: 1\n\n[other]\nx: 1\n",
      `[global]\nlogpath= /x\n${section}\n[other]\nx: 1\n`,
    ],
  ])('%s', (_name, before, after) => {
    expect(withLshellSection(before, 'sync')).toBe(after);
    expect(withLshellSection(after, 'sync')).toBe(after);
  });

  test('a zfs in a place of its own is found behind sshd’s PATH too', () => {
    expect(withLshellSection('', 'sync', { first: '/etc/roamhome/bin', zfs: '/opt/zfs/sbin' })).toContain(
      "env_path : '/etc/roamhome/bin:/usr/sbin:/sbin:/usr/local/sbin:/opt/zfs/sbin'\n",
    );
  });
});

describe('sshd’s rules hold for the account alone', () => {
  const home = '/var/lib/sync';
  test.each(['lshell', 'gate'] as const)('%s', (restriction) => {
    const [comment, match, ...rules] = sshdDropInText('sync', { home, restriction }, new Set())
      .trimEnd()
      .split('\n');
    expect(comment).toMatch(/^#/);
    expect(match).toBe('Match User sync');
    const wanted = Object.entries(wantedSshd(home, restriction)).filter(
      ([keyword]) => !/^(?:GSSAPI|Kerberos)/.test(keyword),
    );
    expect(rules).toEqual(wanted.map(([keyword, value]) => `  ${keyword} ${value}`));
    expect(Object.fromEntries(wanted)).toMatchObject({
      ...{ PermitTTY: 'no', DisableForwarding: 'yes', PasswordAuthentication: 'no' },
      ...{ AuthorizedKeysCommand: 'none', TrustedUserCAKeys: 'none' },
    });
  });
  test('a command of the site takes the place neither of the gate nor of lshell’s own', () => {
    expect(wantedSshd(home, 'gate')).toHaveProperty('ForceCommand', 'none');
    expect(wantedSshd(home, 'lshell')).not.toHaveProperty('ForceCommand');
  });
  test('what this sshd was built with is switched off', () => {
    const known = new Set(['gssapiauthentication']);
    const text = sshdDropInText('sync', { home, restriction: 'gate' }, known);
    expect(text).toContain('\n  GSSAPIAuthentication no\n');
    expect(text).not.toContain('Kerberos');
  });
});

describe('what is delegated', () => {
  const wanted = wantedPermissions(true);
  const parse = (text: string) => listGrants(dataset).parse(text);
  const there = parse(
    [
      '---- Permissions on data/profiles ------------------------------------',
      'Permission sets:',
      '\t@all destroy,rename',
      'Create time permissions:',
      '\tdestroy',
      'Local permissions:',
      '\tuser sync hold',
      'Local+Descendent permissions:',
      '\tuser sync bookmark,create,destroy,mount,receive:append,send',
      '\tgroup staff rollback',
      '\tuser (unknown: 77) rename',
      '---- Permissions on data ----------------------------------------------',
      'Local+Descendent permissions:',
      '\tuser sync snapshot,promote',
      '\teveryone userprop,diff',
      '',
    ].join('\n'),
  );
  test('what lacks, what is more, and what comes from elsewhere', () => {
    expect(compareDelegation(there, { user: 'sync', dataset, wanted })).toEqual({
      missing: ['userprop', 'snapshot', 'hold'],
      extra: ['destroy'],
      elsewhere: ['promote on data (given to user sync)', 'diff on data (given to everyone)'],
    });
  });
  test.each(['x', 'Local permissions:\nuser sync hold'])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'zfs-output-unknown' }));
  });
  test('what the simulator gives is enough there', async () => {
    const { ok } = createBench();
    await ok('create data/profiles');
    await ok(`allow -u sync ${wanted.join(',')} data/profiles`);
    const gap = compareDelegation(parse(await ok('allow data/profiles')), { user: 'sync', dataset, wanted });
    expect(gap).toEqual({ missing: [], extra: [], elsewhere: [] });
  });
  test.each([
    ['zfs-2.3.2-1\nzfs-kmod-2.3.2-1\n', true],
    ['zfs-2.4.0\nzfs-kmod-2.4.0\n', true],
    ['zfs-2.3.2\nzfs-kmod-2.3.1\n', false],
    ['zfs-2.2.7-1\nzfs-kmod-2.2.7-1\n', false],
  ])('receive:append is given where both parts know it: %j', (printed, append) => {
    expect(knowsAppend(zfsVersions.parse(printed))).toBe(append);
    expect(wantedPermissions(append)[0]).toBe(append ? 'receive:append' : 'receive');
  });
});
