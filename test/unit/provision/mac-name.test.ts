import { expect, test } from 'vitest';
import type { Argv, CommandResult } from '../../../src/host/host.ts';
import { macNameFor } from '../../../src/provision/client/mac-name.ts';
import type { Machine } from '../../../src/provision/machine.ts';

/** A workstation with a file of settings, or none, and a host name. */
function machineWith(settings: string | null, hostName: string): Machine {
  const listed = '-rw-r--r-- 1 0 0 9 Nov 26 10:00 x\n-rw-r--r-- 1 root root 9 Nov 26 10:00 x\n';
  const answers: Readonly<Record<string, string>> = {
    hostname: `${hostName}\n`,
    sh: settings === null ? '' : listed + settings,
  };
  const run = ([program]: Argv): Promise<CommandResult> =>
    Promise.resolve({ stdout: answers[program] ?? '', stderr: '', exitCode: 0, signal: null });
  return { name: 'mac', kind: 'linux', host: { run } } as unknown as Machine;
}

const named = '{"server":{"address":"s"},"local":{"macName":"MacBook-Pro"}}';

test.each<[string, string | undefined, string | null, string, string]>([
  ['the name given', 'mac7', named, 'MacBook-Pro-2.local', 'mac7'],
  [
    'the name that it has, whatever its host is called by now',
    undefined,
    named,
    'MacBook-Pro-2.local',
    'MacBook-Pro',
  ],
  [
    'that of its host, where it has none',
    undefined,
    '{"server":{"address":"s"}}',
    'Bs-iMac.local',
    'Bs-iMac',
  ],
  ['that of its host, before it has settings', undefined, null, 'Bs-iMac.local', 'Bs-iMac'],
])('a machine gets %s', async (_what, given, settings, hostName, want) => {
  expect(await macNameFor(machineWith(settings, hostName), given, new AbortController().signal)).toBe(want);
});
