import { expect, test } from 'vitest';
import { missingSettings, withSettings } from '../../../src/provision/settings-file.ts';

const defaults = { 'server.port': 22, 'local.root': 'data/profiles' };

test.each<[string, string | null, Record<string, unknown>, unknown]>([
  ['none yet', null, { 'server.address': 's', 'server.port': 22 }, { server: { address: 's' } }],
  ['the default alone needs no file', null, { 'server.port': 22 }, null],
  ['as it is', '{"server":{"address":"s"}}', { 'server.address': 's' }, null],
  [
    'others stay',
    '{"server":{"port":23},"log":{"level":"debug"}}',
    { 'server.port': 24 },
    { server: { port: 24 }, log: { level: 'debug' } },
  ],
  ['back to the default', '{"server":{"port":23}}', { 'server.port': 22 }, { server: { port: 22 } }],
  ['not in a section', '{}', { syncGroup: 'g' }, { syncGroup: 'g' }],
])('%s', (_name, text, settings, expected) => {
  const after = withSettings(text, settings, defaults, 'x.json');
  expect(after === null ? null : JSON.parse(after)).toEqual(expected);
  if (after !== null) expect(missingSettings(JSON.parse(after), settings, defaults)).toEqual([]);
});

test.each(['', '[]', '"x"', '{'])('refuses %j', (text) => {
  expect(() => withSettings(text, { a: 1 }, {}, 'x.json')).toThrow(
    expect.objectContaining({ code: 'config-invalid' }),
  );
});
