import { createHash } from 'node:crypto';
import { exec, lab, run, sh, type LabHost, type Ran } from '../lab.ts';
import { describeTree, type Outcome } from '../roam.ts';
import type { Aside, MacName, UserName } from './plan.ts';

export const uids: Readonly<Record<UserName, number>> = { alice: 2001, bob: 2002 };
export const homeOf = (user: UserName): string => `data/profiles/${user}`;

/** What a run told; null: it was killed before it told anything. */
export type Told = {
  readonly code: number | null;
  readonly report: Pick<Outcome['report'], 'problems' | 'secured' | 'summary'>;
  readonly text: string;
} | null;

/** A run of roamhome on a Mac, killed after some seconds if asked for. */
export async function roam(
  mac: MacName,
  verb: 'login' | 'logout' | 'checkpoint',
  user: UserName,
  killAfter: number | null = null,
): Promise<Told> {
  const command = `roamhome ${verb} ${user} --json`;
  const ran: Ran | null = await (
    killAfter === null
      ? exec(mac, ['sh', '-c', command])
      : exec(mac, [
          'sh',
          '-c',
          `${command} & agent=$!; (sleep ${killAfter}; kill -9 $agent) >/dev/null 2>&1 & wait $agent`,
        ])
  ).catch(() => null);
  if (ran === null) return null;
  try {
    const {
      problems = [],
      secured = false,
      summary = '',
    } = JSON.parse(ran.stdout) as Partial<Outcome['report']>;
    return {
      code: ran.code,
      report: { problems, secured, summary },
      text: ran.stdout + ran.stderr,
    };
  } catch {
    return null;
  }
}

export async function isMounted(mac: MacName, user: UserName): Promise<boolean> {
  const { stdout } = await exec(mac, ['zfs', 'get', '-Ho', 'value', 'mounted', homeOf(user)]);
  return stdout.trim() === 'yes';
}

export async function digestOfHome(mac: MacName, user: UserName): Promise<string> {
  return createHash('sha256')
    .update(await describeTree(mac, user))
    .digest('hex');
}

/** What the user does. False: there was no room for all of it. */
export async function edit(mac: MacName, user: UserName, seed: string): Promise<boolean> {
  const words = [`/Users/${user}`, String(uids[user]), '2100', seed];
  return (await exec(mac, ['node', '/opt/roamhome-test/soak-edit.mjs', ...words])).code === 0;
}

/** A program that has a file of the home open; gives what ends it. */
export async function holdOpen(mac: MacName, user: UserName, seconds: number): Promise<void> {
  await sh(
    mac,
    `setsid sh -c 'exec 9</Users/${user}/session; exec sleep ${seconds}' >/dev/null 2>&1 </dev/null & echo $! >>/run/soak-holders`,
  );
}

export async function letGo(mac: MacName): Promise<void> {
  await sh(
    mac,
    'if [ -f /run/soak-holders ]; then xargs -r kill </run/soak-holders 2>/dev/null || true; rm -f /run/soak-holders; fi',
  );
}

export async function fill(host: LabHost): Promise<void> {
  await sh(
    host,
    `zfs create -o mountpoint=none data/fill; zpool sync data
     zfs set reservation=$(($(zfs get -Hpo value available data) - 4096)) data/fill`,
  );
}

export async function drain(host: LabHost): Promise<void> {
  await exec(host, ['zfs', 'destroy', 'data/fill']);
}

let tools = 0;

/** What is promised of a session stays to be found: only what was made within the same second is thinned. */
const thin = ['roamhome', 'thin', '--set', 'thinning.schedule=1d=>1s'] as const;

/** What others do meanwhile. What it comes to is their own affair, but for what Roamhome says, which is given back. */
export async function aside({ what, seconds, blank }: Aside, mac: MacName, user: UserName): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  tools += 1;
  const name = `${homeOf(user)}@tool${blank ? ' ' : '-'}${tools}`;
  const [host, argv]: readonly [LabHost, readonly string[]] = {
    'snapshot-here': [mac, ['zfs', 'snapshot', name]] as const,
    'snapshot-on-server': ['server', ['zfs', 'snapshot', name]] as const,
    thin: [mac, thin] as const,
    'thin-server': ['server', [...thin, '--server']] as const,
    tend: ['server', ['roamhome', 'tend']] as const,
  }[what];
  const ran = await exec(host, argv).catch(() => null);
  return ran === null || argv[0] === 'zfs'
    ? ''
    : `${argv.join(' ')} on ${host}: ${ran.code} ${ran.stdout}${ran.stderr}`;
}

/** All is well again: links, power, room, and no program in the way. */
export async function calm(): Promise<void> {
  for (const mac of ['mac-a', 'mac-b'] as const) {
    await lab('boot', mac);
    await lab('net', mac, 'clear');
    await letGo(mac);
    await drain(mac);
  }
  await drain('server');
}

/** The digests of all snapshots on a host. */
export async function digestsOn(host: LabHost): Promise<ReadonlySet<string>> {
  const text = await run(host, '/opt/roamhome-test/digest-snapshots.sh', 'data');
  return new Set(text.split('\n').map((line) => line.slice(0, 64)));
}
