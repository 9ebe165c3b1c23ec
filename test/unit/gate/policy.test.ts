import { describe, expect, test } from 'vitest';
import { gateCommand, parsePolicy, policyText, type Policy } from '../../../src/gate/policy.ts';
import { parseDatasetName } from '../../../src/zfs/names.ts';

const policy: Policy = {
  mac: 'mac7',
  homes: parseDatasetName('data/profiles'),
  conflicts: parseDatasetName('data/profiles-conflicts'),
  users: ['*'],
  mode: 'append',
};

describe('a policy', () => {
  test('is read as it was written', () => {
    expect(parsePolicy(policyText(policy))).toEqual(policy);
    const narrow: Policy = { ...policy, users: ['alice', 'bob'], mode: 'read', zfs: '/opt/zfs/sbin/zfs' };
    expect(parsePolicy(policyText(narrow))).toEqual(narrow);
  });

  const without = (key: keyof Policy): object =>
    Object.fromEntries(Object.entries(policy).filter(([name]) => name !== key));

  test.each<[string, unknown, RegExp]>([
    ['no object', [policy], /no object/],
    ['null', null, /no object/],
    ['a setting that is not known', { ...policy, user: ['alice'] }, /"user" is no setting/],
    ['no Mac', without('mac'), /"mac"/],
    ['a Mac with a space', { ...policy, mac: 'mac 7' }, /"mac"/],
    ['a Mac that begins with a dash', { ...policy, mac: '-mac7' }, /"mac"/],
    ['no homes', without('homes'), /"homes"/],
    ['homes that are no dataset', { ...policy, homes: 'data//profiles' }, /no dataset name/],
    ['homes that are a snapshot', { ...policy, homes: 'data/profiles@a' }, /no dataset name/],
    ['conflicts of a number', { ...policy, conflicts: 7 }, /"conflicts"/],
    ['one root for both', { ...policy, conflicts: 'data/profiles' }, /one in the other/],
    ['conflicts among the homes', { ...policy, conflicts: 'data/profiles/conflicts' }, /one in the other/],
    ['homes among the conflicts', { ...policy, homes: 'data/profiles-conflicts/a' }, /one in the other/],
    ['no users', without('users'), /"users"/],
    ['an empty list of users', { ...policy, users: [] }, /"users"/],
    ['users of a word', { ...policy, users: '*' }, /"users"/],
    ['a star among names', { ...policy, users: ['alice', '*'] }, /"users"/],
    ['a user of a path', { ...policy, users: ['../alice'] }, /"users"/],
    ['no mode', without('mode'), /"mode"/],
    ['a mode that is not known', { ...policy, mode: 'write' }, /"mode"/],
    ['a zfs that is looked for', { ...policy, zfs: 'zfs' }, /"zfs"/],
  ])('%s is refused', (_what, content, why) => {
    expect(() => parsePolicy(JSON.stringify(content))).toThrow(why);
  });

  test('that is no JSON is refused', () => {
    expect(() => parsePolicy('{ "mac": ')).toThrow();
  });
});

describe('the forced command', () => {
  const places = {
    node: '/usr/bin/node',
    gate: '/usr/local/lib/roamhome/dist/gate.js',
    policy: '/etc/roamhome/keys/mac7.json',
  };

  test('is three plain words', () => {
    expect(gateCommand(places).join(' ')).toBe(
      '/usr/bin/node /usr/local/lib/roamhome/dist/gate.js /etc/roamhome/keys/mac7.json',
    );
  });

  test.each([
    '/Library/Application Support/roamhome/keys/mac7.json',
    'keys/mac7.json',
    '/etc/$(id).json',
    '/etc/"',
  ])('does not take %j: a shell would read more than a word in it, or look for it', (path) => {
    expect(() => gateCommand({ ...places, policy: path })).toThrow(/absolute path of plain characters/);
  });
});
