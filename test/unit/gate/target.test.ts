import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/gate/judge.ts';
import { isOnlyMissing, readTarget, targetArgv, type Receive } from '../../../src/gate/target.ts';
import { encodeToken } from '../../../src/simulator/stream/token.ts';
import { policyOf } from '../../support/restrictions/restricted.ts';

const home = 'data/profiles/alice';
const branch = 'data/profiles-conflicts/alice-mac7-20261120T064500Z';

function receiveOf(words: string): Receive {
  const verdict = judge(`zfs receive -u -s ${words}`, policyOf('mac7'));
  if (verdict.kind === 'refused' || verdict.receive === null) throw new Error(`${words} is not received`);
  return verdict.receive;
}

test.each<[string, Partial<Receive>, string]>([
  [home, { short: null, origin: null, hasOptions: false, home: home as never, sendFlags: null }, home],
  [`${home}/mail@a`, { short: 'a', hasOptions: false }, `${home}/mail ${home}`],
  [`-o roamhome:sendflags=w ${home}`, { sendFlags: 'w', hasOptions: true }, home],
  [
    `-o origin=${home}@a -o roamhome:conflict=alice ${branch}`,
    { origin: `${home}@a` as never },
    `${branch} ${home} ${home}@a`,
  ],
])('of %s is known what it is to receive, and asked in one command', (words, expected, asked) => {
  const receive = receiveOf(words);
  expect(receive).toMatchObject(expected);
  expect(targetArgv(receive).join(' ')).toBe(
    `list -Hp -d 1 -t filesystem,volume,snapshot -o name,guid,encryption,receive_resume_token,roamhome:sendflags ${asked}`,
  );
});

test('a command that receives nothing asks nothing', () => {
  expect(judge(`zfs inherit roamhome:session ${home}`, policyOf('mac7'))).toMatchObject({ receive: null });
});

describe('what zfs says of the target', () => {
  const receive = receiveOf(home);
  const row = (...words: readonly string[]): string => `${words.join('\t')}\n`;
  const token = encodeToken({ toguid: '5', fromguid: '3', toname: 'x@y', bytes: 1, flags: ['w'] });
  const rows = [
    row(home, '1', 'aes-256-gcm', token, 'w'),
    row(`${home}@a`, '18446744073709551615', 'aes-256-gcm', '-', 'w'),
    row(`${home}/mail`, '9', 'off', '-', 'w'),
    row(`${home}x@a`, '7', 'off', '-', '-'),
  ];

  test('is read whole, and of nothing else', () => {
    const target = readTarget(rows.join(''), receive);
    expect(target).toMatchObject({
      isThere: true,
      partial: { toGuid: 5n, fromGuid: 3n, flags: ['w'] },
      home: { sendFlags: 'w', isEncrypted: true },
      originGuid: null,
    });
    expect([...target.snapshots]).toEqual([[2n ** 64n - 1n, `${home}@a`]]);
  });

  test('is nothing where it is not there', () => {
    expect(readTarget('', receive)).toMatchObject({ isThere: false, partial: null, home: null });
    expect(isOnlyMissing(`cannot open '${home}': dataset does not exist\n`)).toBe(true);
    expect(
      isOnlyMissing(`cannot open '${home}': dataset does not exist\ncannot open '${home}': I/O error\n`),
    ).toBe(false);
  });

  test('a token that Roamhome did not make is one that nothing goes on from', () => {
    expect(readTarget(row(home, '1', 'off', '1-abc-10-00', '-'), receive).partial).toBe('unknown');
  });

  // A line break in a property makes a row of what follows it.
  test.each([
    ['twice of one snapshot', [...rows, row(`${home}@a`, '8', 'off', '-', '-')]],
    ['flags that nobody knows', [row(home, '1', 'off', '-', 'x')]],
    ['a guid that is none', [row(home, '-', 'off', '-', '-')]],
  ])('that tells %s is not believed', (_what, lines) => {
    expect(() => readTarget(lines.join(''), receive)).toThrow();
  });
});
