import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { forms, table } from '../../../src/gate/forms.ts';
import { judge } from '../../../src/gate/judge.ts';
import type { Policy } from '../../../src/gate/policy.ts';
import { judgeOf } from '../../../src/gate/slots.ts';
import { encodeToken } from '../../../src/simulator/stream/token.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';

const mac7 = policyOf('mac7');
const narrow: Policy = { ...mac7, users: ['alice'] };
const reader: Policy = { ...mac7, mode: 'read' };

const home = 'data/profiles/alice';
const branch = 'data/profiles-conflicts/alice-mac7-20261120T064500Z';
const others = 'data/profiles-conflicts/alice-mac8-20261120T064500Z';
const token = (toname: string): string =>
  encodeToken({ toguid: '7', fromguid: '3', toname, bytes: 10, flags: ['L', 'e', 'c'] });

function told(line: string, policy: Policy): string {
  const verdict = judge(line, policy);
  return verdict.kind === 'legal' ? `zfs ${verdict.words.join(' ')}` : verdict.why;
}

describe('legal', () => {
  test.each([
    `zfs list -Hp -t filesystem,snapshot,bookmark -o name,type,guid,createtxg,creation,written,receive_resume_token,mounted,roamhome:sync,roamhome:sendflags,mountpoint,canmount,readonly,origin,roamhome:session -s createtxg -r ${home}`,
    'zfs list -Hp -t filesystem,snapshot,bookmark -o name,roamhome:conflict -s createtxg -r data/profiles-conflicts',
    `zfs list -Hp -t snapshot,bookmark -o name,guid -r ${home} data/profiles/bob`,
    'zfs list -Hp -t snapshot,bookmark -o name,guid -r data/profiles',
    `zfs list -Hp -o roamhome:session ${home}`,
    `zfs list -Hp -t filesystem,snapshot,bookmark -o name,type,guid,snapshots_changed,roamhome:session -r ${home}`,
    'zfs allow data/profiles',
    `zfs send -P -v ${home}@a`,
    `zfs send -P -v -L -e -c -I ${home}@a ${home}@b`,
    `zfs send -P -v -w -i ${home}#a ${home}@b`,
    `zfs send -P -v -L -e -c -i ${home}@a ${others}@x`,
    `zfs send -P -v -t ${token(`${home}@b`)}`,
    `zfs receive -u -s ${home}`,
    `zfs receive -u -s ${home}/mail`,
    `zfs receive -u -s -o roamhome:sendflags=w ${home}`,
    `zfs receive -u -s -o roamhome:sendflags=Lec ${home}@after-upgrade-77`,
    `zfs snapshot ${home}/mail@roamhome-as-18446744073709551615`,
    `zfs receive -u -s ${home}@a-4711`,
    `zfs receive -u -s -o origin=${home}@a -o roamhome:conflict=alice ${branch}`,
    `zfs receive -u -s -o origin=${home}/mail@a ${branch}/mail`,
    `zfs receive -u -s -o roamhome:conflict=alice ${branch}-4711`,
    `zfs receive -u -s ${branch}@x`,
    `zfs set roamhome:session=mac7,2026-11-20T06:45:00Z ${home}`,
    `zfs set roamhome:sendflags=Lec ${home}`,
    `zfs set roamhome:excluded=Library/Caches,my%20%22x%22%0A ${home}`,
    `zfs set roamhome:excluded=none ${home}`,
    `zfs list -Hp -o roamhome:excluded ${home}`,
    `zfs inherit roamhome:session ${home}`,
  ])('%s', (line) => {
    expect(told(line, narrow)).toBe(line === line.replace('bob', '') ? line : 'bob is no user of this key');
    expect(told(line, mac7)).toBe(line);
    expect(told(line, reader)).toBe(/^zfs (list|send|allow)/.test(line) ? line : 'this key may only read');
  });
});

describe('refused', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /no command/],
    ['more than an argument may be long', `zfs list ${'x'.repeat(200_000)}`, /too long/],
    ['another program', `zpool destroy data`, /no command of Roamhome/],
    ['a path to zfs', `/usr/sbin/zfs list -Hp -o name ${home}`, /no command of Roamhome/],
    ['what destroys', `zfs destroy ${home}`, /no command of Roamhome/],
    ['a forced receive', `zfs receive -F -u -s ${home}`, /no command of Roamhome/],
    ['a receive that is given up', `zfs receive -A ${home}`, /no command of Roamhome/],
    ['an option behind the names', `zfs list -Hp -o name ${home} -r`, /no command of Roamhome/],
    ['an option for a name', 'zfs list -Hp -o name -r', /no dataset name/],
    ['an option for a value', `zfs send -P -v -i -R ${home}@a`, /snapshot name/],
    ['two commands', `zfs inherit roamhome:session ${home} && zfs destroy ${home}`, /other characters/],
    ['a second line', `zfs inherit roamhome:session ${home}\nzfs destroy ${home}`, /other characters/],
    ['an empty word', `zfs inherit  roamhome:session ${home}`, /other characters/],
    ['another dataset', 'zfs receive -u -s rpool/ROOT', /no home and no conflict/],
    ['the root of the homes', 'zfs receive -u -s data/profiles', /not below data\/profiles/],
    ['a name that only begins like it', 'zfs receive -u -s data/profiles2/alice', /no home and no conflict/],
    [
      'what stays on each Mac',
      `zfs receive -u -s ${home}/roamhome-excluded-0123456789abcdef`,
      /stays on each Mac/,
    ],
    [
      'what stays on each Mac, in a branch',
      `zfs receive -u -s ${branch}/roamhome-excluded-0/x@a`,
      /stays on each Mac/,
    ],
    ['dots', 'zfs receive -u -s data/profiles/../x', /\.\. is not allowed/],
    ['a hidden dataset', `zfs list -Hp -o name ${home}/%recv`, /character ZFS refuses/],
    ['a range of snapshots', `zfs send -P -v ${home}@a%b`, /character ZFS refuses/],
    ['what allows', 'zfs allow mac7 destroy data/profiles', /no command of Roamhome/],
    ['what is allowed elsewhere', 'zfs allow data', /neither data\/profiles nor/],
    ['a snapshot where a dataset belongs', `zfs list -Hp -o name ${home}@a`, /character ZFS refuses/],
    ['a snapshot of any name', `zfs snapshot ${home}@a`, /no name for what Roamhome snapshots/],
    ['a snapshot beside the homes', 'zfs snapshot data/x@roamhome-as-7', /not below data\/profiles/],
    [
      'flags of what lies below a home',
      `zfs receive -u -s -o roamhome:sendflags=w ${home}/mail`,
      /below a home/,
    ],
    ['flags of no stream', `zfs receive -u -s -o roamhome:sendflags=R ${home}`, /not received with/],
    ['a property that is not read', `zfs list -Hp -o name,keylocation ${home}`, /keylocation/],
    ['a native property', `zfs set mountpoint=none ${home}`, /not Roamhome's to set/],
    [
      'a mark that makes tend remove a home',
      `zfs set roamhome:conflict=alice ${home}`,
      /not Roamhome's to set/,
    ],
    ['a session of another Mac', `zfs set roamhome:session=mac8,2026-11-20T06:45:00Z ${home}`, /mac8 .*mac7/],
    ['a session at no time', `zfs set roamhome:session=mac7,now ${home}`, /no record/],
    [
      'a session below a home',
      `zfs set roamhome:session=mac7,2026-11-20T06:45:00Z ${home}/mail`,
      /below a home/,
    ],
    ['a folder that is out of the home', `zfs set roamhome:excluded=a,../x ${home}`, /no folder of a home/],
    ['a folder in another spelling', `zfs set roamhome:excluded=%61 ${home}`, /no folder of a home/],
    ['no folder', `zfs set roamhome:excluded= ${home}`, /no folder of a home/],
    ['flags that are not known', `zfs set roamhome:sendflags=R ${home}`, /not Roamhome's to set/],
    ['a branch of another Mac', `zfs receive -u -s ${others}`, /no conflict of mac7/],
    [
      'a branch marked as somebody else’s',
      `zfs receive -u -s -o roamhome:conflict=bob ${branch}`,
      /bob and of alice/,
    ],
    [
      'a branch of somebody else’s home',
      `zfs receive -u -s -o origin=data/profiles/bob@a ${branch}`,
      /bob and of alice/,
    ],
    [
      'a branch of what is no home',
      `zfs receive -u -s -o origin=rpool/x@a ${branch}`,
      /rpool\/x is not below/,
    ],
    [
      'a branch that is mounted',
      `zfs receive -u -s -o mountpoint=/etc ${branch}`,
      /not received with mountpoint/,
    ],
    [
      'a home with a mark',
      `zfs receive -u -s -o roamhome:conflict=alice ${home}`,
      /no home and no conflict|no conflict/,
    ],
    ['a token of another dataset', `zfs send -P -v -t ${token('rpool/ROOT@a')}`, /no home and no conflict/],
    ['a token that is none', 'zfs send -P -v -t 1-a-b-c', /./],
  ])('%s', (_what, line, why) => {
    expect(told(line, mac7)).toMatch(why);
  });

  test.each([
    `zfs list -Hp -o name data/profiles/bob`,
    `zfs send -P -v data/profiles/bob@a`,
    `zfs send -P -v data/profiles-conflicts/bob-mac7-20261120T064500Z@a`,
    `zfs send -P -v -i data/profiles/bob@a ${home}@a`,
    `zfs send -P -v -t ${token('data/profiles/bob@a')}`,
    `zfs receive -u -s data/profiles/bob`,
    `zfs receive -u -s data/profiles-conflicts/bob-mac7-20261120T064500Z`,
    `zfs inherit roamhome:session data/profiles/bob`,
  ])('what is of other users than the key’s: %s', (line) => {
    expect(told(line, narrow)).toMatch(/no user of this key/);
    expect(told(line, mac7)).toBe(line);
  });
});

test('the word of a token has to be proved by zfs: what it names, and by which guid', () => {
  expect(judge(`zfs send -P -v -t ${token(`${home}@b`)}`, mac7)).toMatchObject({
    kind: 'legal',
    token: { toName: `${home}@b`, toGuid: 7n },
  });
  expect(judge(`zfs send -P -v ${home}@b`, mac7)).toMatchObject({ kind: 'legal', token: null });
});

describe('the table of forms', () => {
  test('has a judge for every word in capitals, and no others', () => {
    for (const { words } of forms)
      for (const word of words)
        expect([word, judgeOf(word) !== null]).toEqual([word, /^[A-Z]+…?$/.test(word)]);
  });

  test('is the one in docs/security.md', () => {
    const text = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
    const [, block] = /```forms\n([^`]*)```/.exec(text) ?? [];
    expect(block?.trim().split('\n')).toEqual([...table.read, ...table.append]);
  });
});
