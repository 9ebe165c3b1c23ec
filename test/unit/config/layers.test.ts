import { describe, expect, test } from 'vitest';
import { defaultsFor, macNameFrom } from '../../../src/config/defaults.ts';
import { readLayer } from '../../../src/config/layer.ts';
import { leaves } from '../../../src/config/leaves.ts';
import { mergeLayers, valueAt } from '../../../src/config/merge.ts';
import { describeMistake } from '../../../src/config/mistakes.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { readSetFlags } from '../../../src/config/set-flags.ts';
import { suggest } from '../../../src/config/suggest.ts';

const defaults = defaultsFor('linux', 'mac7.example.org');
const mistakesOf = (content: unknown) => readLayer('F', content).mistakes.map(describeMistake);

test.each(['macos', 'linux'] as const)('the defaults of %s are valid', (kind) => {
  expect(() => configSchema.parse(defaultsFor(kind, 'x'))).not.toThrow();
});

test.each([
  ['mac7', 'mac7'],
  ['mac7.example.org', 'mac7'],
  ["Anna's MacBook.local", 'Anna_s_MacBook'],
  ['Büro-Mac', 'B_ro-Mac'],
  ['-x', 'x'],
  ['', 'mac'],
  ['日本', '_'],
])('the Mac name of host %j is %j', (hostName, want) => {
  expect(macNameFrom(hostName)).toBe(want);
  expect(defaultsFor('macos', hostName).local.macName).toMatch(/^[A-Za-z0-9_.-]+$/);
});

describe('values', () => {
  test.each<[string, unknown, boolean]>([
    ['server.address', 'server.example.org', true],
    ['server.address', '192.0.2.7', true],
    ['server.address', 'fe80::1%en0', true],
    ['server.address', '-oProxyCommand=x', false],
    ['server.address', 'a b', false],
    ['server.address', '', false],
    ['server.port', 2222, true],
    ['server.port', 0, false],
    ['server.port', 65_536, false],
    ['server.port', 22.5, false],
    ['server.port', '22', false],
    ['server.user', 'zfs_mobile_sync', true],
    ['server.user', '-l', false],
    ['server.identityFile', '/Library/Application Support/roamhome/id_ed25519', true],
    ['server.identityFile', 'id_ed25519', false],
    ['server.identityFile', '/a\nb', false],
    ['server.root', 'data/profiles', true],
    ['server.root', 'data', true],
    ['server.root', 'data/', false],
    ['server.root', '/data', false],
    ['server.root', 'data//profiles', false],
    ['server.root', 'data/../x', false],
    ['server.root', 'data/pro files', false],
    ['server.root', 'data/profiles@x', false],
    ['server.root', 'data/$(id)', false],
    ['local.homeBase', '/Users', true],
    ['local.homeBase', '/Users/a b', false],
    ['local.macName', 'a/b', false],
    ['syncGroup', 'Domain Users', true],
    ['syncGroup', '-x', false],
    ['syncGroup', 'a ', false],
    ['limits.connectSeconds', 0.5, true],
    ['limits.connectSeconds', 0, false],
    ['limits.connectSeconds', -1, false],
    ['limits.connectSeconds', Number.NaN, false],
    ['limits.loginPushSeconds', 0, true],
    ['limits.processGraceSeconds', Infinity, false],
    ['policies.createOnServer', false, true],
    ['policies.createOnServer', 1, false],
    ['policies.onLoginFailure', 'refuse', true],
    ['policies.onLoginFailure', 'deny', false],
    ['policies.loggedInElsewhere', 'deny', true],
    ['policies.loggedInElsewhere', 'refuse', false],
    ['log.level', 'debug', true],
    ['log.level', 'trace', false],
    ['log.keepFiles', 0, false],
    ['zfsPath', ['/a', '/b'], true],
    ['zfsPath', [], false],
    ['zfsPath', '/a', false],
    ['zfsPath', ['a'], false],
    ['zfsPath', ['/a:b'], false],
  ])('%s = %j: %j', (key, value, want) => {
    expect(leaves.get(key)!.schema.safeParse(value).success).toBe(want);
  });
});

describe('the mistakes of a file', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['nothing at all', {}, []],
    ['not a group', [1], ['F: found [1], expected a group of settings']],
    ['null', null, ['F: found null, expected a group of settings']],
    ['a section that is a value', { server: 'x' }, ['F: server: found "x", expected a group of settings']],
    [
      'a value out of range',
      { server: { port: 70_000 } },
      ['F: server.port: found 70000, expected a TCP port, 1 to 65535'],
    ],
    [
      'a typing error in a key',
      { server: { adress: 'x' } },
      ['F: server.adress: found an unknown key, expected a known setting (did you mean server.address?)'],
    ],
    [
      'a typing error in a section',
      { Limit: {} },
      ['F: Limit: found an unknown key, expected a known setting (did you mean limits?)'],
    ],
    [
      'a key in the wrong section',
      { local: { stallSeconds: 3 } },
      [
        'F: local.stallSeconds: found an unknown key, expected a known setting (did you mean limits.stallSeconds?)',
      ],
    ],
    [
      'a key like nothing known',
      { log: { colours: true } },
      [
        'F: log.colours: found an unknown key, expected a known setting: log.file, log.level, log.maxMebibytes, log.keepFiles',
      ],
    ],
    [
      'the key __proto__',
      JSON.parse('{"__proto__":{"port":1}}'),
      [
        'F: __proto__: found an unknown key, expected a known setting: server, local, roots, syncGroup, role, limits, policies, thinning, jobs, doctor, progress, directory, log, zfsPath',
      ],
    ],
    [
      'the key constructor',
      { server: { constructor: 1 } },
      [
        'F: server.constructor: found an unknown key, expected a known setting: server.address, server.port, server.user, server.identityFile, server.knownHostsFile, server.root, server.conflictsRoot',
      ],
    ],
    [
      'several at once, each reported',
      { server: { port: 'x' }, log: { level: 1 }, zfsPath: [] },
      [
        'F: server.port: found "x", expected a TCP port, 1 to 65535',
        'F: log.level: found 1, expected one of error, warn, info, debug',
        'F: zfsPath: found [], expected a list of one or more absolute directories',
      ],
    ],
    [
      'data and dates of a property list',
      { server: { user: new Date(0), root: new Uint8Array(3) } },
      [
        'F: server.user: found the date 1970-01-01T00:00:00.000Z, expected a user name of letters, digits and _ . -, not starting with a digit',
        'F: server.root: found 3 bytes of data, expected a dataset name such as data/profiles, of letters, digits and _ . : - /',
      ],
    ],
  ])('%s', (_name, content, want) => {
    expect(mistakesOf(content)).toEqual(want);
  });

  test('a long value is cut', () => {
    expect(mistakesOf({ server: { user: ' '.repeat(500) } })[0]!.length).toBeLessThan(200);
  });
});

describe('--set', () => {
  test.each<[string, string, unknown]>([
    ['server.port=2222', 'server.port', 2222],
    ['server.address=a.example', 'server.address', 'a.example'],
    ['server.user=_1', 'server.user', '_1'],
    ['limits.stallSeconds=0.25', 'limits.stallSeconds', 0.25],
    ['policies.createOnServer=false', 'policies.createOnServer', false],
    ['local.stateDir=/tmp/a=b', 'local.stateDir', '/tmp/a=b'],
    ['zfsPath=/a:/b', 'zfsPath', ['/a', '/b']],
  ])('%s', (flag, key, want) => {
    expect(readSetFlags([flag])).toEqual({ source: '--set', values: new Map([[key, want]]), mistakes: [] });
  });

  test('the last one of a key wins', () => {
    expect(readSetFlags(['server.port=1', 'server.port=2']).values.get('server.port')).toBe(2);
  });

  test.each([
    ['server.port', '--set: found "server.port", expected key=value, as in server.port=2222'],
    ['=1', '--set: found "=1", expected key=value, as in server.port=2222'],
    ['server.port=0x16', '--set: server.port: found "0x16", expected a TCP port, 1 to 65535'],
    ['server.port=', '--set: server.port: found "", expected a TCP port, 1 to 65535'],
    [
      'server.prot=1',
      '--set: server.prot: found an unknown key, expected a known setting (did you mean server.port?)',
    ],
    [
      'sync-group=x',
      '--set: sync-group: found an unknown key, expected a known setting (did you mean syncGroup?)',
    ],
    ['port=1', '--set: port: found an unknown key, expected a known setting (did you mean server.port?)'],
    ['policies.createOnServer=yes', '--set: policies.createOnServer: found "yes", expected true or false'],
    ['zfsPath=', '--set: zfsPath: found [], expected a list of one or more absolute directories'],
  ])('%s', (flag, want) => {
    expect(readSetFlags([flag]).mistakes.map(describeMistake)).toEqual([want]);
  });

  test('a section is not a setting', () => {
    expect(readSetFlags(['log=x']).mistakes.map(describeMistake)).toEqual([
      '--set: log: found a group, expected a known setting: log.file, log.level, log.maxMebibytes, log.keepFiles',
    ]);
  });
});

describe('merging', () => {
  test('later layers win, key by key, and origins name them', () => {
    const { config, origins } = mergeLayers(defaults, [
      readLayer('own', { server: { port: 1, user: 'own' } }),
      readLayer('managed', { server: { port: 2, address: 'managed.example' } }),
      readSetFlags(['server.address=flag.example']),
    ]);
    expect(config.server).toEqual({
      ...defaults.server,
      port: 2,
      user: 'own',
      address: 'flag.example',
    });
    expect(
      ['server.port', 'server.user', 'server.address', 'server.root'].map((key) => origins.get(key)),
    ).toEqual(['managed', 'own', '--set', 'default']);
  });

  test('what is absent stays absent, and has no origin', () => {
    const { config, origins } = mergeLayers(defaults, []);
    expect('address' in config.server).toBe(false);
    expect(origins.has('server.address')).toBe(false);
    expect(valueAt(config, 'server.address')).toBeUndefined();
    expect(valueAt(config, 'server.port')).toBe(22);
    expect(valueAt(config, 'server')).toBeUndefined();
    const directory = ['url', 'caFile', 'baseDn', 'bindDn', 'bindSecretFile', 'usersDn', 'groupsDn'];
    const absent = [
      'server.address',
      'role',
      'local.homeKeyDirectory',
      'progress.dialogProgram',
      ...directory.map((key) => `directory.${key}`),
    ];
    expect([...origins.keys(), ...absent].sort()).toEqual([...leaves.keys()].sort());
  });

  test('the mistakes of all sources are told at once, also of overridden values', () => {
    const { mistakes, replaced, config } = mergeLayers(defaults, [
      readLayer('own', { server: { port: 0 } }),
      readSetFlags(['server.port=1', 'log.level=x']),
    ]);
    expect(mistakes.map(describeMistake)).toEqual([
      'own: server.port: found 0, expected a TCP port, 1 to 65535',
      '--set: log.level: found "x", expected one of error, warn, info, debug',
    ]);
    expect(config.server.port).toBe(1);
    expect([...replaced]).toEqual(['log.level']);
  });
});

test.each([
  ['prot', 'port'],
  ['ADDRESS', 'address'],
  ['adress', 'address'],
  ['xyz', null],
  ['', null],
  ['a'.repeat(70), null],
])('suggest(%j) = %j', (word, want) => {
  expect(suggest(word, ['port', 'address', 'user'])).toBe(want);
});
