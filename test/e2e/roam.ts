import { exec, fileOf, put, run, sh, type LabHost, type Ran } from './lab.ts';

/** What `roamhome login|logout USER --json` told. */
export interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  readonly report: {
    readonly summary: string;
    readonly mounted: boolean;
    readonly snapshot: string | null;
    readonly secured: boolean;
    readonly pending: boolean;
    readonly notRoaming: string | null;
    readonly sync: {
      readonly pushedBytes: number;
      readonly pulledBytes: number;
      readonly wasEqual: boolean;
      readonly leftBehind: boolean;
    } | null;
    readonly problems: readonly { code: string; message: string; remedy: string; retryable: boolean }[];
    readonly warnings: readonly string[];
  };
}

/** What a run with --json told. */
export function outcome(ran: Ran): Outcome {
  try {
    return { code: ran.code, stderr: ran.stderr, report: JSON.parse(ran.stdout) as Outcome['report'] };
  } catch {
    throw new Error(`no report: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  }
}

export async function login(mac: LabHost, user = 'alice', ...options: readonly string[]): Promise<Outcome> {
  return outcome(await exec(mac, ['roamhome', 'login', user, '--json', ...options]));
}

export async function logout(mac: LabHost, user = 'alice', ...options: readonly string[]): Promise<Outcome> {
  return outcome(await exec(mac, ['roamhome', 'logout', user, '--json', ...options]));
}

/** A new home with a file in it, mounted, as an admin makes one. */
export async function createHome(mac: LabHost, user = 'alice', uid = 2001): Promise<void> {
  const dataset = `data/profiles/${user}`;
  await sh(
    mac,
    `zfs create -o canmount=noauto -o mountpoint=/Users/${user} -o atime=off ${dataset}
     zfs mount ${dataset}
     echo hello > /Users/${user}/greeting
     chown -R ${uid}:2100 /Users/${user}
     chmod 700 /Users/${user}`,
  );
}

/** Roamhome on the server too, where only its own jobs need it. */
export async function installOnServer(): Promise<void> {
  await put('server', '/root/roamhome.tgz', await fileOf('build/roamhome.tgz'));
  await sh(
    'server',
    `tar -C /usr/local/lib -xzf /root/roamhome.tgz
     ln -sf ../lib/roamhome/dist/main.js /usr/local/bin/roamhome`,
  );
}

/** `name guid` of each snapshot of a dataset, oldest first; the name without the dataset. */
export async function snapshots(host: LabHost, dataset = 'data/profiles/alice'): Promise<readonly string[]> {
  const text = await run(
    host,
    'zfs',
    'list',
    '-Hp',
    '-t',
    'snapshot',
    '-o',
    'name,guid',
    '-s',
    'createtxg',
    dataset,
  );
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^[^@]*@/, '').replace('\t', ' '));
}

/** What the server saw since `mark`: each command line of the Macs, and how many connections they made. */
export async function serverSaw(
  mark: ServerMark,
): Promise<{ commands: readonly string[]; connections: number }> {
  const now = await markServer();
  const shell = await run('server', 'tail', '-n', `+${mark.shellLines + 1}`, '/var/log/lshell.log');
  return {
    commands: shell
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^\S+ \S+ \S+ /, '')),
    connections: now.connections - mark.connections,
  };
}

export interface ServerMark {
  readonly shellLines: number;
  readonly connections: number;
}

/** Where the server's logs stand now. */
export async function markServer(): Promise<ServerMark> {
  const text = await sh(
    'server',
    `touch /var/log/lshell.log
     wc -l < /var/log/lshell.log
     grep -c 'Connection from' /var/log/auth.log || true`,
  );
  const [shellLines, connections] = text.trim().split(/\s+/).map(Number);
  return { shellLines: shellLines ?? 0, connections: connections ?? 0 };
}

/**
 * Everything about a home's tree that two equal homes have equal, as text. What is still to be written has no blocks yet, and
 * would look sparse: the pool is synced first.
 */
export async function describeTree(mac: LabHost, user = 'alice'): Promise<string> {
  await run(mac, 'zpool', 'sync', 'data');
  return run(mac, 'node', '/opt/roamhome-test/describe-tree.mjs', `/Users/${user}`);
}
