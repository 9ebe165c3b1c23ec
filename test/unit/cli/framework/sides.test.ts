import { expect, test } from 'vitest';
import { commands } from '../../../../src/cli/commands.ts';
import { judgeSide, type Role } from '../../../../src/cli/framework/demand-side.ts';
import { declareAll, recordProgram, type CommandDoc } from '../../../../src/cli/framework/record-commands.ts';
import { commandOf, sideOf, sides } from '../../../../src/cli/framework/sides.ts';
import { defaultsFor } from '../../../../src/config/defaults.ts';
import { readLayer } from '../../../../src/config/layer.ts';
import { mergeLayers } from '../../../../src/config/merge.ts';

const leavesOf = (command: CommandDoc): readonly string[] =>
  command.commands.length > 0
    ? command.commands.flatMap(leavesOf)
    : [command.usage.replaceAll(/ *[<[][^>\]]*[>\]]/g, '')];
// `man` is hidden.
const all = [...leavesOf(recordProgram(declareAll(commands))), 'man'];

const loaded = (settings: unknown) => mergeLayers(defaultsFor('linux', 'x'), [readLayer('/f', settings)]);
const machines = {
  mac: [
    { is: 'mac', because: 'role in /f' },
    { role: 'mac', server: { address: 'server.example' } },
  ],
  'an older Mac': [{ is: 'mac', because: 'server.address in /f' }, { server: { address: 'server.example' } }],
  server: [{ is: 'server', because: 'role in /f' }, { role: 'server' }],
  'an older server': [{ is: 'server', because: 'it is delegated' }, {}],
  'a new machine': [{ is: null, because: 'role is not set' }, {}],
  both: [
    { is: 'server', because: 'role in /f' },
    { role: 'server', server: { address: 'server.example' } },
  ],
} as const satisfies Readonly<Record<string, readonly [Role, unknown]>>;
type Machine = keyof typeof machines;
const onMac: readonly Machine[] = ['mac', 'an older Mac', 'a new machine'];
const onServer: readonly Machine[] = ['server', 'an older server', 'a new machine'];
const proved: readonly Machine[] = ['server', 'an older server'];
const anywhere = Object.keys(machines) as readonly Machine[];

// Every command line that is of one side, or of both, and the machines on which it is run.
const lines: readonly (readonly [line: string, on: readonly Machine[]])[] = [
  ['login', onMac],
  ['logout', onMac],
  ['checkpoint', onMac],
  ['push', onMac],
  ['status', anywhere],
  ['status --server', onServer],
  ['snapshots', onMac],
  ['versions', onMac],
  ['diff', onMac],
  ['restore', onMac],
  ['rollback', anywhere],
  ['conflicts list', anywhere],
  ['conflicts show', anywhere],
  ['conflicts diff', onMac],
  ['conflicts restore', onMac],
  ['conflicts discard', anywhere],
  ['conflicts discard --server', proved],
  ['exclude add', onMac],
  ['exclude remove', onMac],
  ['exclude list', onMac],
  ['tend', proved],
  ['thin', onMac],
  ['thin --server', proved],
  ['schedule explain', anywhere],
  ['provision server', anywhere],
  ['provision client', anywhere],
  ['provision role', anywhere],
  ...['key add', 'key list', 'key revoke', 'user add', 'user list', 'user move', 'user remove'].flatMap(
    (words) =>
      [
        [`provision ${words}`, onServer],
        [`provision ${words} --host`, anywhere],
      ] as const,
  ),
  ['install', onMac],
  ['install --server', onServer],
  ['uninstall', anywhere],
  ['watch-console', onMac],
  ['notify', onMac],
  ['doctor', anywhere],
  ['doctor --server', onServer],
  ['config show', anywhere],
  ['config get', anywhere],
  ['config set', anywhere],
  ['config check', anywhere],
  ['config path', anywhere],
  ['completion', anywhere],
  ['man', anywhere],
];

const parts = (line: string) => {
  const [words = '', flag] = line.split(' --');
  return { words, flags: flag === undefined ? {} : { [flag]: flag === 'host' ? 'admin@other' : true } };
};

test('every command says on which side its work is, and none that is gone does', () => {
  expect(Object.keys(sides).sort()).toEqual([...all].sort());
  expect([...new Set(lines.map(([line]) => parts(line).words))].sort()).toEqual([...all].sort());
});

test.each(lines)('%s', (line, on) => {
  const { words, flags } = parts(line);
  const wanted = sideOf(words, flags);
  const runs = anywhere.filter((name) => {
    const [role, settings] = machines[name];
    return wanted === 'both' || judgeSide({ command: words, wanted }, role, loaded(settings)) === null;
  });
  expect(runs).toEqual(anywhere.filter((name) => on.includes(name)));
});

test.each<[string, Machine, string, string]>([
  [
    'thin',
    'mac',
    'this machine is a Mac or workstation (role in /f); thin --server is for the server',
    'Run it on server.example. If this machine is the server, take server.address out of /etc/roamhome/config.json, then run `roamhome provision role server`.',
  ],
  [
    'tend',
    'a new machine',
    'nothing says that this machine is the server (role is not set); tend destroys what a Mac may have alone',
    'Run on the server, as root: `roamhome provision role server`.',
  ],
  [
    'thin',
    'both',
    'this machine is set up as the server (role in /f) and as a Mac of server.example (server.address); a machine that is both is not supported',
    'Take server.address out of /etc/roamhome/config.json if this is the server; else run `roamhome provision role mac`.',
  ],
])('%s on %s: says why, and what to run', (command, name, message, remedy) => {
  const [role, settings] = machines[name];
  expect(judgeSide({ command, wanted: 'server' }, role, loaded(settings))).toMatchObject({
    ...{ code: 'wrong-machine', message, remedy },
  });
});

test('a login on the server says where it belongs', () => {
  const [role, settings] = machines.server;
  expect(judgeSide({ command: 'login', wanted: 'mac' }, role, loaded(settings))).toMatchObject({
    code: 'wrong-machine',
    message: 'this machine is the server (role in /f); login is for Macs and workstations',
    remedy: 'Run it on a Mac. If this machine is one: `roamhome provision role mac`.',
  });
});

test.each([
  [['conflicts', 'list', 'alice'], 'conflicts list'],
  [['thin'], 'thin'],
  [['provision', 'user', 'add', 'bob'], 'provision user add'],
  [['toString'], null],
  [[], null],
])('%j is the command %j', (words, want) => {
  expect(commandOf(words)).toBe(want);
});
