import { exec, fileOf, installed, lab, put, reset, run, sh, type LabHost } from './lab.ts';
import { createHome, login, logout, outcome, type Outcome } from './roam.ts';

export type Fault = 'kill -9' | 'cut link' | 'power cut';

/** A home that is on its way to the server or from it: all of its 200 MiB are new to the other side. */
export interface Lane {
  readonly direction: 'push' | 'pull';
  readonly mac: LabHost;
  readonly user: string;
  readonly dataset: string;
  /** The run that moves it, and its traffic with the server as the Mac counts it. */
  readonly verb: 'login' | 'logout';
  readonly counter: 'rx' | 'tx';
}

export const push: Lane = {
  direction: 'push',
  mac: 'mac-a',
  user: 'alice',
  dataset: 'data/profiles/alice',
  verb: 'logout',
  counter: 'tx',
};

export const pull: Lane = {
  direction: 'pull',
  mac: 'mac-b',
  user: 'bob',
  dataset: 'data/profiles/bob',
  verb: 'login',
  counter: 'rx',
};

export const wholeBytes = 200 * 2 ** 20;

/** What a run without data to move for so long gives up at, where the link is cut. More than a busy host's hiccup. */
export const stallSeconds = 15;

const ready = 'ready-to-interrupt';
const watcher = '/opt/roamhome-test/watch-agent.sh';

/** What an emulated pair of Macs together does not reach, and what a native one does not pass by unseen. */
const rate = '80';

/**
 * Two homes of 200 MiB that do not compress, saved for each case: alice's new file is on mac-a, not yet in a snapshot;
 * bob's is on the server, where mac-a has put it, and mac-b has his home as it was before. Returns their SHA-256.
 */
export async function prepare(): Promise<Readonly<Record<string, string>>> {
  await reset(installed);
  for (const mac of ['mac-a', 'mac-b'] as const) {
    await put(mac, watcher, await fileOf('test/e2e/guest/watch-agent.sh'), '755');
  }
  await createHome('mac-a', 'alice', 2001);
  await createHome('mac-a', 'bob', 2002);
  await Promise.all(['alice', 'bob'].map((user) => logout('mac-a', user).then(allWell)));
  const pulled = login('mac-b', 'bob').then(allWell);
  const alice = await fill('alice');
  const bob = await fill('bob');
  await pulled;
  await run('mac-b', 'zfs', 'unmount', 'data/profiles/bob');
  allWell(await logout('mac-a', 'bob'));
  for (const mac of ['mac-a', 'mac-b']) await lab('net', mac, 'rate', rate);
  await lab('save', ready);
  return { alice, bob };
}

function allWell({ report }: Outcome): void {
  if (report.problems.length > 0) throw new Error(JSON.stringify(report, null, 2));
}

/** 200 MiB into the user's home on mac-a, which is left unmounted. */
async function fill(user: string): Promise<string> {
  const text = await sh(
    'mac-a',
    `zfs mount data/profiles/${user} 2>/dev/null || true
     head -c ${wholeBytes} /dev/urandom > /Users/${user}/big
     sha256sum < /Users/${user}/big
     zfs unmount data/profiles/${user}`,
  );
  return text.slice(0, 64);
}

export async function resetToReady(): Promise<void> {
  await reset(ready);
}

export interface Interrupted {
  /** Bytes that had gone over the wire when it happened. */
  readonly crossed: number;
  /** null: the run could not say anything any more. */
  readonly outcome: Outcome | null;
  /** From the interruption to the end of the run. */
  readonly seconds: number;
}

/** Starts the lane's run and interrupts it once it has moved so many percent; returns when it has ended. */
export async function interrupt(lane: Lane, fault: Fault, percent: number): Promise<Interrupted> {
  const { mac, user, verb, counter } = lane;
  const limits = fault === 'cut link' ? ['--set', `limits.stallSeconds=${stallSeconds}`] : [];
  // The link of a Mac that loses its power breaks under the command: no answer then.
  const running = exec(mac, [watcher, 'run', counter, verb, user, '--json', ...limits]).catch(() => null);
  // A power cut takes what ZFS had not written yet: a transaction group, which is up to 5 s long. Slowly, so that
  // what counts is what Roamhome sends again, and not how fast the link is.
  if (fault === 'power cut' && lane.direction === 'pull') {
    await moved(lane, percent - 7);
    await run(mac, watcher, 'slow', '10');
  }
  let crossed = await moved(lane, percent, fault === 'kill -9');
  if (fault === 'power cut') await lab('power-cut', mac);
  if (fault === 'cut link') {
    await lab('net', mac, 'cut');
    crossed = await moved(lane, percent);
  }
  const since = performance.now();
  const ran = await running;
  const seconds = (performance.now() - since) / 1000;
  return { crossed, outcome: fault === 'cut link' && ran !== null ? outcome(ran) : null, seconds };
}

/** Waits until the lane's run has moved so much, and tells how much it is then. */
async function moved({ mac, counter }: Lane, percent: number, kill = false): Promise<number> {
  const bytes = Math.round((wholeBytes * percent) / 100);
  return Number(await run(mac, watcher, 'until', counter, String(bytes), ...(kill ? ['kill'] : [])));
}

/** The network and the power are back; the next run is not slowed down. */
export async function recover(lanes: readonly Lane[], fault: Fault): Promise<void> {
  if (fault === 'power cut') {
    // Both at once, then wait for each.
    for (const { mac } of lanes) await lab('boot', mac, '--no-wait');
    for (const { mac } of lanes) await lab('boot', mac);
  }
  for (const { mac } of lanes) await lab('net', mac, 'clear');
}

export interface Resumed {
  readonly outcome: Outcome;
  /** Bytes over the wire, of whatever kind. */
  readonly crossed: number;
  /** What the run said that it did, one line for each step that it began. */
  readonly steps: readonly string[];
}

/** The lane's run again. */
export async function runAgain({ mac, user, verb, counter }: Lane): Promise<Resumed> {
  const ran = await exec(mac, [watcher, 'run', counter, verb, user, '--json']);
  const crossed = Number(/^moved (\d+)$/m.exec(ran.stderr)?.[1]);
  const log = await run(mac, 'tail', '-n', '200', '/var/log/roamhome/roamhome.log');
  // A power cut leaves zeros, and half a line, of the run before; this run's lines are whole, and none is glued to them.
  const lines = log.split('\n').filter((line) => line !== '');
  const own = `"run":"${(JSON.parse(lines.at(-1) ?? '{}') as { run: string }).run}"`;
  const steps = lines
    .filter((line) => line.includes(own))
    .map((line) => JSON.parse(line) as { event: string; step: string })
    .filter(({ event }) => event === 'step-started')
    .map(({ step }) => step);
  return { outcome: outcome(ran), crossed, steps };
}

/** What interrupted receives have left in the dataset: `-` for nothing. */
export async function tokenOf(host: LabHost, dataset: string): Promise<string> {
  return (await run(host, 'zfs', 'get', '-Hpo', 'value', 'receive_resume_token', dataset)).trim();
}

export async function digestOnMac({ mac, user }: Pick<Lane, 'mac' | 'user'>): Promise<string> {
  return (await sh(mac, `sha256sum < /Users/${user}/big`)).slice(0, 64);
}

/** Of the server's newest snapshot: what any Mac would get. */
export async function digestOnServer({ dataset }: Lane): Promise<string> {
  const text = await sh(
    'server',
    `head=$(zfs list -Hpo name -t snapshot -s createtxg ${dataset} | tail -n 1)
     mkdir -p /run/look
     mount -t zfs -o ro "$head" /run/look
     sha256sum < /run/look/big
     umount /run/look`,
  );
  return text.slice(0, 64);
}
