import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { keysCheck } from '../../../src/doctor/checks/server.ts';
import { makeChecks, type Checked } from '../../../src/doctor/finding.ts';
import { checksToJson, describeChecks } from '../../../src/doctor/report.ts';
import { now, well } from '../../support/doctor/well-mac.ts';

const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCx root@mac-a';
const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfv root@mac-b';
const ecdsa = 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= x';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'roamhome-keys-')), 'authorized_keys');
});

function check(): readonly Checked[] {
  const known = <T>(value: T) => ({ known: true, value }) as const;
  const lines = readFileSync(file, 'utf8').split('\n');
  return makeChecks([keysCheck], {
    ...{ config: known(well.config), now: known(now), filesystems: known([]) },
    account: known({ uid: 998, home: '/var/lib/zfs_mobile_sync', shell: '/usr/bin/lshell' }),
    ...{ lshell: known(null), shellTrial: known(null) },
    authorizedKeys: known({ path: file, lines, places: [] }),
    ...{ sshd: known(new Map<string, string>()), lastRun: known(null) },
  });
}

/** What a person copies from the screen: all that stands in backquotes on the lines of what to do. */
function printedCommands(checks: readonly Checked[]): readonly string[] {
  return describeChecks(checks)
    .filter((line) => /^ *what to do/.test(line))
    .flatMap((line) => [...line.matchAll(/`([^`]*)`/g)].map(([, command = '']) => command));
}

/** What a program reads. */
function commandsInJson(checks: readonly Checked[]): readonly string[] {
  const { checks: all } = checksToJson(checks);
  return all.flatMap(({ findings }) => findings.flatMap(({ remedy }) => remedy?.commands ?? []));
}

const faults = (checks: readonly Checked[]) =>
  checks.flatMap(({ findings }) => findings.filter(({ level }) => level !== 'ok'));

test.each([
  [
    'keys of the older scripts, a remark and a key with options',
    [rsa, '# a remark', '', `  ${ed25519}`, `from="10.0.0.0/8",no-pty ${ecdsa}`],
    [
      `restrict ${rsa}`,
      '# a remark',
      '',
      `restrict ${ed25519}`,
      `restrict,from="10.0.0.0/8",no-pty ${ecdsa}`,
    ],
  ],
  [
    'a key behind the gate stays as it is',
    [`restrict,command="/usr/bin/node gate.js x.json" ${ed25519}`, rsa],
    [`restrict,command="/usr/bin/node gate.js x.json" ${ed25519}`, `restrict ${rsa}`],
  ],
  [
    'keys that a comma has locked out',
    [`restrict,${rsa}`, `restrict,${ecdsa}`, `restrict,no-pty ${ed25519}`],
    [`restrict ${rsa}`, `restrict ${ecdsa}`, `restrict,no-pty ${ed25519}`],
  ],
])('the command that is printed is that of --json, and cures: %s', (_what, before, after) => {
  writeFileSync(file, `${before.join('\n')}\n`);
  const checks = check();
  expect(faults(checks)).not.toEqual([]);
  const commands = printedCommands(checks);
  expect(commands).toEqual(commandsInJson(checks));
  // Nagios takes what follows a bar for numbers.
  expect(commands.filter((command) => command.includes('|'))).toEqual([]);
  for (const command of commands) execFileSync('sh', ['-c', command]);
  expect(readFileSync(file, 'utf8')).toBe(`${after.join('\n')}\n`);
  expect(faults(check())).toEqual([]);
});
