import { expect, test } from 'vitest';
import { parseAdminTarget } from '../../../../src/host/ssh/admin-target.ts';

test.each([
  ['server', null, 'server', null],
  ['admin@server.example', 'admin', 'server.example', null],
  ['admin@server.example:2222', 'admin', 'server.example', 2222],
  ['root@10.0.0.1', 'root', '10.0.0.1', null],
  ['a.b-c@[fe80::1%en0]:22', 'a.b-c', 'fe80::1%en0', 22],
])('%s', (text, user, address, port) => {
  expect(parseAdminTarget(text)).toEqual({ user, address, port });
});

test.each([
  '',
  '-oProxyCommand=x',
  'admin@-x',
  '-x@server',
  'a b',
  'a@b@c',
  'fe80::1',
  'server:',
  'server:0',
  'server:65536',
  'x;y',
  'server\n',
])('refuses %j', (text) => {
  expect(() => parseAdminTarget(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});
