import { EX } from '../errors/exit-codes.ts';
import type { Argv } from '../host/host.ts';
import type { Narrator } from './narrator.ts';
import { homeCommands, type DemoMachine, type Stage } from './stage.ts';

const novel = 'Documents/novel.txt';
const inHome = `/Users/alice/${novel}`;

/** How the story is told: on which stage, by whom, and until when. */
interface Telling extends Stage, Narrator {
  /** Aborted when nobody wants to hear more. */
  readonly signal: AbortSignal;
}

/**
 * The story of alice, who writes a novel on two Macs: a logout, a login elsewhere, a server that is away, a conflict,
 * and what was set aside brought back. Throws when anything goes another way than it is told.
 */
export async function tellStory(to: Telling): Promise<void> {
  const { macA, macB, server } = to;
  const conflicts = `${server.pool}/profiles-conflicts`;
  to.tell(`Two Macs and a server. ${to.setting}`);

  to.tell('alice has a home on mac-a: a ZFS dataset, mounted where homes are. She writes a novel in it.');
  await makeHome(to, macA);
  await write(to, macA, 'Call me Ishmael.');

  to.tell('She logs out. The logout hook runs Roamhome: unmount, snapshot, and only then send.');
  await roamhome(to, macA, 'logout');

  to.tell('What would a login on mac-b do? A dry run tells, and changes nothing.');
  await on(to, macB, ['roamhome', 'login', 'alice', '--dry-run']);

  to.tell('She logs in there. The login hook runs Roamhome: receive, mount.');
  await roamhome(to, macB, 'login');
  await read(to, macB);

  to.tell('The server is away when she logs out of mac-b. Nothing is lost, and it is said.');
  await write(to, macB, 'Some years ago - never mind how long precisely -');
  await to.setServerAway(true);
  await roamhome(to, macB, 'logout', 'fails');
  await to.setServerAway(false);

  to.tell(
    'It is back when she logs in on mac-a. What she wrote last waits on mac-b, where she is logged in as far as the ' +
      'server knows: that is said too. She writes on without it.',
  );
  await roamhome(to, macA, 'login');
  await write(to, macA, 'It is a way I have of driving off the spleen.');
  await roamhome(to, macA, 'logout');

  to.tell(
    'Back on mac-b, both have moved on: a conflict. The line of the server is the home, that of mac-b is set aside.',
  );
  await roamhome(to, macB, 'login', 'conflict');
  await read(to, macB);

  to.tell(
    'What was set aside is a dataset like any other, to be looked at with zfs; `roamhome conflicts diff` and `restore` ' +
      'spare her that. She wants her line back, and carries on.',
  );
  await write(to, macB, await setAside(to, macB));
  await roamhome(to, macB, 'logout');
  await roamhome(to, macA, 'login');
  const text = await read(to, macA);
  if (text.trimEnd().split('\n').length !== 3) throw new Error(`the novel has not its three lines:\n${text}`);

  to.tell('On the server: every session is a snapshot, and the line that was set aside is there too.');
  const profiles = `${server.pool}/profiles`;
  await on(to, server, ['zfs', 'list', '-t', 'snapshot', '-o', 'name', '-r', profiles]);
  await on(to, server, ['zfs', 'list', '-o', 'name', '-r', conflicts]);

  to.tell(
    'You have seen a home follow its user, a server that was away cost nothing, and two Macs that both moved on keep ' +
      `both lines. Where to go on:\n${to.farewell.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** How a command of the story ends: a conflict has an exit code of its own, for it is no failure and no plain success. */
type Outcome = 'works' | 'conflict' | 'fails';

/** Shows a command and what it prints. Throws when it ends with anything but what is expected. */
async function on(
  to: Telling,
  machine: DemoMachine,
  argv: Argv,
  outcome: Outcome = 'works',
): Promise<string> {
  to.signal.throwIfAborted();
  to.command(machine.name, argv.join(' '));
  const { exitCode, text } = await machine.run(argv);
  to.signal.throwIfAborted();
  to.output(text);
  if (outcome !== 'works') to.output(`(exit code ${exitCode ?? 'unknown'})`);
  if (outcomeOf(exitCode) !== outcome)
    throw new Error(`${machine.name}: ${argv.join(' ')} ended with ${exitCode ?? 'a signal'}`);
  return text;
}

function outcomeOf(exitCode: number | null): Outcome {
  if (exitCode === EX.OK) return 'works';
  return exitCode === EX.CONFLICT ? 'conflict' : 'fails';
}

async function roamhome(
  to: Telling,
  mac: DemoMachine,
  what: 'login' | 'logout',
  outcome: Outcome = 'works',
): Promise<void> {
  await on(to, mac, ['roamhome', what, 'alice'], outcome);
}

async function makeHome(to: Telling, mac: DemoMachine): Promise<void> {
  for (const argv of homeCommands(mac)) await on(to, mac, argv);
}

async function write(to: Telling, mac: DemoMachine, line: string): Promise<void> {
  to.signal.throwIfAborted();
  to.command(`${mac.name}, alice`, `echo "${line}" >> ${novel}`);
  await mac.append(inHome, line);
}

async function read(to: Telling, mac: DemoMachine): Promise<string> {
  to.signal.throwIfAborted();
  to.command(`${mac.name}, alice`, `cat ${novel}`);
  const text = await mac.read(inHome);
  to.output(text);
  return text;
}

/** The last line of the novel in what was set aside on this Mac: mounted beside the home, and only to be read. */
async function setAside(to: Telling, mac: DemoMachine): Promise<string> {
  const root = `${mac.pool}/profiles-conflicts`;
  const listed = await on(to, mac, ['zfs', 'list', '-H', '-o', 'name', '-r', root]);
  const conflict = listed.split('\n').find((name) => name.startsWith(`${root}/alice-${mac.name}-`));
  if (conflict === undefined) throw new Error(`nothing is set aside on ${mac.name}`);
  await on(to, mac, ['zfs', 'set', `mountpoint=${mac.mountpoint('/conflict')}`, conflict]);
  await on(to, mac, ['zfs', 'mount', '-o', 'ro,nosuid,nodev', conflict]);
  to.command(`${mac.name}, alice`, `tail -n 1 /conflict/${novel}`);
  const line = (await mac.read(`/conflict/${novel}`)).trimEnd().split('\n').at(-1) ?? '';
  to.output(line);
  await on(to, mac, ['zfs', 'unmount', conflict]);
  return line;
}
