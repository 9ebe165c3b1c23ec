import { expect, test } from 'vitest';
import type { Argv, CommandResult } from '../../../src/host/host.ts';
import type { Machine } from '../../../src/provision/machine.ts';
import { settingsTask } from '../../../src/provision/settings-task.ts';

/** A Mac whose preferences plutil prints as XML; null: there are none. */
function mac(plist: string | null): Machine {
  const entry = '-rw-r--r--  1 0  0  9 Nov 26 10:00 x\n-rw-r--r--  1 root  wheel  9 Nov 26 10:00 x\n';
  const answer = (argv: Argv): string => {
    if (argv[0] === 'plutil') return plist ?? '';
    return plist === null ? '' : entry;
  };
  const run = (argv: Argv): Promise<CommandResult> =>
    Promise.resolve({ stdout: answer(argv), stderr: '', exitCode: 0, signal: null });
  return { name: 'mac', kind: 'macos', host: { run } } as unknown as Machine;
}

const settings = {
  'server.address': 's',
  'server.port': 2222,
  'policies.createOnServer': false,
  'local.root': 'data/profiles',
};
const defaults = { 'local.root': 'data/profiles' };
const write = ['defaults', 'write', '/Library/Preferences/org.roamhome'];

test.each<[string, string | null, string[][]]>([
  [
    'none yet',
    null,
    [
      ['server', '-dict-add', 'address', '-string', 's'],
      ['server', '-dict-add', 'port', '-int', '2222'],
      ['policies', '-dict-add', 'createOnServer', '-bool', 'false'],
    ],
  ],
  [
    'some',
    '<plist version="1.0"><dict><key>server</key><dict><key>address</key><string>s</string><key>port</key><integer>22</integer></dict><key>policies</key><dict><key>createOnServer</key><false/></dict></dict></plist>',
    [['server', '-dict-add', 'port', '-int', '2222']],
  ],
])('a Mac’s preferences: %s', async (_name, plist, words) => {
  const { changes } = await settingsTask(mac(plist), settings, defaults).look(new AbortController().signal);
  expect(changes.map((change) => (change.kind === 'run' ? change.argv : change.kind))).toEqual(
    words.map((one) => [...write, ...one]),
  );
});

test('a list is left to a person', async () => {
  const look = settingsTask(mac(null), { zfsPath: ['/x'] }, {}).look(new AbortController().signal);
  await expect(look).rejects.toMatchObject({ code: 'usage' });
});
