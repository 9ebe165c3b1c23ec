import { describe, expect, test } from 'vitest';
import { createLookup, parseAddresses } from '../../../../src/host/ssh/lookup-name.ts';

const getent = /^(\S+)\s+STREAM\b/;
const dscacheutil = /^ip(?:v6)?_address: (.+)$/;

describe('addresses', () => {
  test.each([
    [getent, '10.98.7.10      STREAM server\n10.98.7.10      DGRAM\n10.98.7.10      RAW\n', ['10.98.7.10']],
    [getent, '::1             STREAM a\n::1 DGRAM\n127.0.0.1       STREAM\n', ['::1', '127.0.0.1']],
    [getent, '', []],
    [getent, 'nonsense STREAM x\n', []],
    [
      dscacheutil,
      'name: server.example\nip_address: 10.0.0.1\nip_address: 10.0.0.2\n',
      ['10.0.0.1', '10.0.0.2'],
    ],
    [
      dscacheutil,
      'name: s\nipv6_address: fe80::1\n\nname: s\nip_address: 10.0.0.1\n',
      ['fe80::1', '10.0.0.1'],
    ],
    [dscacheutil, 'name: s\nip_address: 10.0.0.1 10.0.0.2\n', ['10.0.0.1', '10.0.0.2']],
  ])('by %s from %j', (line, output, want) => {
    expect(parseAddresses(output, line).map(({ address }) => address)).toEqual(want);
  });
});

/** What the lookup calls back with. */
function look(name: string, resolver?: Parameters<typeof createLookup>[1]): Promise<unknown> {
  const lookup = createLookup(new AbortController().signal, resolver);
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

describe('a lookup', () => {
  const echo = (text: string) => ({ program: '/bin/echo', words: () => [text], line: getent });

  test('gives all that the resolver says', async () => {
    expect(await look('x', echo('10.0.0.1 STREAM x'))).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });

  test('of an unknown name fails as getaddrinfo does', async () => {
    await expect(look('x', echo(''))).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('does without the program where there is none', async () => {
    const missing = { program: '/nonexistent', words: () => [], line: getent };
    expect(await look('localhost', missing)).toEqual(
      expect.arrayContaining([expect.objectContaining({ family: expect.any(Number) as number })]),
    );
  });
});
