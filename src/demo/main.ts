import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatDifference } from '../cli/diff-text.ts';
import { summariseRestore } from '../cli/restore-text.ts';
import { diffConflict } from '../conflicts/diff-conflict.ts';
import { listConflicts } from '../conflicts/list-conflicts.ts';
import { restoreConflict } from '../conflicts/restore-conflict.ts';
import { login } from '../session/login.ts';
import { logout } from '../session/logout.ts';
import { summarise } from '../session/report.ts';
import { parseDatasetName } from '../zfs/names.ts';
import { createDemoMachine, type DemoMachine } from './machines.ts';
import { demoSession } from './session.ts';

const home = 'data/profiles/alice';
const novel = '/Users/alice/Documents/novel.txt';
const bold = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

function tell(text: string): void {
  process.stdout.write(bold ? `\n\u001b[1m${text}\u001b[0m\n` : `\n${text}\n`);
}

function show(text: string): void {
  for (const line of text.trimEnd().split('\n')) process.stdout.write(`    ${line}\n`);
}

async function run(
  mac: DemoMachine,
  server: DemoMachine,
  what: 'login' | 'logout',
  online = true,
): Promise<void> {
  process.stdout.write(`  ${mac.name}$ roamhome ${what} alice\n`);
  const report = await (what === 'login' ? login : logout)(demoSession(mac, server, online));
  for (const problem of report.problems) show(`roamhome: ${problem.message}`);
  for (const warning of report.warnings) show(`roamhome: ${warning}`);
  show(summarise(report, what));
  if (online && report.problems.length > 0)
    throw new Error('the demo met a problem that it did not make itself');
}

function read(mac: DemoMachine): void {
  process.stdout.write(`  ${mac.name}, alice$ cat Documents/novel.txt\n`);
  show(readFileSync(mac.folder(novel), 'utf8'));
}

async function write(mac: DemoMachine, line: string): Promise<void> {
  process.stdout.write(`  ${mac.name}, alice$ echo "${line}" >> Documents/novel.txt\n`);
  appendFileSync(mac.folder(novel), `${line}\n`);
  // Conflicts are named by the second.
  await delay(1100);
}

/** Restores the novel of the conflict beside the home's, and gives its last line. */
async function restoreKept(mac: DemoMachine, server: DemoMachine): Promise<string> {
  const session = demoSession(mac, server, true);
  const localRoot = parseDatasetName(session.config.local.conflictsRoot);
  const [conflict] = await listConflicts({
    ...{ local: session.local, localRoot, server: null, serverRoot: localRoot, user: 'alice' },
    signal: session.signal,
  });
  const dataset = conflict?.onMac ?? null;
  if (conflict === undefined || dataset === null) throw new Error('nothing was set aside');
  process.stdout.write(`  ${mac.name}$ roamhome conflicts diff ${conflict.name}\n`);
  await diffConflict(session, dataset, {
    all: false,
    tell: (difference) => {
      show(formatDifference(difference));
    },
  });
  const folder = '/Users/alice/rescued';
  mkdirSync(mac.folder(folder));
  process.stdout.write(
    `  ${mac.name}$ roamhome conflicts restore ${conflict.name} Documents/novel.txt --to ${folder}\n`,
  );
  const report = await restoreConflict(session, dataset, {
    ...{ paths: ['Documents/novel.txt'], to: mac.folder(folder), overwrite: false },
    // The demo's users are folders of one user of this machine.
    hostAs: () => mac.host,
  });
  show(summariseRestore({ ...report, target: folder }));
  process.stdout.write(`  ${mac.name}, alice$ tail -n 1 rescued/Documents/novel.txt\n`);
  const text = readFileSync(mac.folder(`${folder}/Documents/novel.txt`), 'utf8');
  const kept = text.trimEnd().split('\n').at(-1) ?? '';
  show(kept);
  return kept;
}

async function story(directory: string, program: string): Promise<void> {
  const [macA, macB, server] = ['mac-a', 'mac-b', 'server'].map((name) =>
    createDemoMachine(name, join(directory, name), program),
  ) as [DemoMachine, DemoMachine, DemoMachine];
  for (const machine of [macA, macB, server])
    await machine.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles');
  await server.zfs('create', '-o', 'canmount=off', '-o', 'mountpoint=none', 'data/profiles-conflicts');

  tell('alice has a home on mac-a, and writes there.');
  const place = `mountpoint=${macA.folder('/Users/alice')}`;
  await macA.zfs('create', '-o', 'canmount=noauto', '-o', place, '-o', 'atime=off', home);
  await macA.zfs('mount', home);
  mkdirSync(macA.folder('/Users/alice/Documents'));
  writeFileSync(macA.folder(novel), '');
  await write(macA, 'Call me Ishmael.');

  tell('She logs out: unmount, snapshot, send. She logs in on mac-b: pull, mount.');
  await run(macA, server, 'logout');
  await run(macB, server, 'login');
  read(macB);

  tell('The server is away when she logs out of mac-b. Nothing is lost, and it is said.');
  await write(macB, 'Some years ago - never mind how long precisely -');
  await run(macB, server, 'logout', false);

  tell('So the server has her on mac-b still, and mac-a does not have that line. She writes another there.');
  await run(macA, server, 'login');
  await write(macA, 'It is a way I have of driving off the spleen.');
  await run(macA, server, 'logout');

  tell('Back on mac-b both have moved on: a conflict. The server’s version is the home, hers is set aside.');
  await run(macB, server, 'login');
  read(macB);

  tell('What was set aside can be compared with the home, and restored from. She wants her line back.');
  const kept = await restoreKept(macB, server);
  await write(macB, kept);
  await run(macB, server, 'logout');
  await run(macA, server, 'login');
  read(macA);
  if (readFileSync(macA.folder(novel), 'utf8').split('\n').length !== 4) throw new Error('a line is missing');

  tell('On the server: the home, and the line that was set aside.');
  show(await server.zfs('list', '-t', 'filesystem,snapshot', '-o', 'name', '-r', 'data'));
}

const [program = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'roamhome-demo-'));
try {
  await story(directory, program);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
