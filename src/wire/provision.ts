import { createAdminHost } from '../host/ssh/admin-host.ts';
import { parseAdminTarget } from '../host/ssh/admin-target.ts';
import { asRoot } from '../host/as-root.ts';
import type { Argv, Host } from '../host/host.ts';
import { createLocalHost } from '../host/local.ts';
import { shellWord } from '../host/shell-word.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { createLinuxPlatform } from '../platform/linux/linux-platform.ts';
import { createMacosPlatform } from '../platform/macos/macos-platform.ts';
import { unexpectedResult } from '../platform/command-error.ts';
import type { Machine, MachineKind } from '../provision/machine.ts';
import { createSyncZfs, type ZfsObserver } from '../zfs/sync-zfs.ts';

/** All that an admin's commands are in, on any system. The system's own first: on a Mac /usr/local/bin is often a user's. */
const searchPath = [
  ...['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/ssh'],
  ...['/usr/local/zfs/bin', '/usr/local/sbin', '/usr/local/bin'],
];

export interface OpenMachineOptions {
  /** `admin@server.example[:port]`; undefined: the machine that this runs on. */
  readonly host: string | undefined;
  readonly isInteractive: boolean;
  /** Hears of every command, for `--verbose`. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** In tests: programs that come before the machine's own. */
  readonly path?: readonly string[];
}

/**
 * Gets at a machine as root. Its `host` is to be closed. Throws `not-root`, `usage` (a system that nothing is known of),
 * and what createAdminHost's commands reject with.
 */
export async function openMachine(options: OpenMachineOptions): Promise<Machine> {
  const { tell, signal } = options;
  const path = [...(options.path ?? []), ...searchPath];
  const isRemote = options.host !== undefined;
  const direct = isRemote
    ? openRemote(options.host, options)
    : createLocalHost({ name: 'this machine', path });
  try {
    const told = hearing(direct, tell);
    const isRoot = (await printedBy(told, ['id', '-u'], signal)) === '0';
    const kind = machineKind(await printedBy(told, ['uname', '-s'], signal), direct.name);
    if (!isRoot) await checkSudo(told, isRemote, signal);
    const host = isRemote ? asRoot(told, path, isRoot) : told;
    return {
      ...{ name: direct.name, kind, isRemote, host, zfs: createSyncZfs(host, deaf) },
      platform: kind === 'macos' ? createMacosPlatform(host) : createLinuxPlatform(host),
    };
  } catch (error) {
    await direct.close();
    throw error;
  }
}

/** Commands are told by the host. What zfs says on a success stands in its result. */
const deaf: ZfsObserver = { command: () => undefined, warning: () => undefined };

function openRemote(text: string, { isInteractive, path = [] }: OpenMachineOptions): Host {
  const target = parseAdminTarget(text);
  const { env } = process;
  const local = createLocalHost({
    name: 'this machine',
    path: [...path, '/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin'],
    // What ssh finds the admin's keys, agent and terminal by; and where it asks when there is no terminal.
    env: Object.fromEntries(
      ['HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'SSH_ASKPASS', 'DISPLAY', 'TERM'].flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  });
  return createAdminHost(target, { name: text, local, isInteractive });
}

function hearing(host: Host, tell: (line: string) => void): Host {
  const say = (argv: Argv): void => {
    tell(`${host.name}: ${argv.map(shellWord).join(' ')}`);
  };
  return {
    ...host,
    run: (argv, options) => {
      say(argv);
      return host.run(argv, options);
    },
    stream: (argv, options) => {
      say(argv);
      return host.stream(argv, options);
    },
  };
}

/** Whatever an admin's shell says on stderr: not every machine has every locale. */
async function printedBy(host: Host, argv: Argv, signal: AbortSignal): Promise<string> {
  const result = await host.run(argv, { signal });
  if (result.exitCode !== 0)
    throw unexpectedResult(argv, result, 'Log in there by hand, and try the command.');
  return result.stdout.trim();
}

const kinds: Readonly<Record<string, MachineKind>> = {
  Linux: 'linux',
  Darwin: 'macos',
  FreeBSD: 'freebsd',
  SunOS: 'illumos',
};

function machineKind(system: string, name: string): MachineKind {
  const kind = kinds[system];
  if (kind !== undefined) return kind;
  throw new RoamhomeError({
    code: 'usage',
    message: `${name} runs ${system}, of which Roamhome knows nothing`,
    remedy: 'Set it up by hand, as docs/guide/by-hand.md says for Linux.',
  });
}

async function checkSudo(host: Host, isRemote: boolean, signal: AbortSignal): Promise<void> {
  if (!isRemote)
    throw new RoamhomeError({
      code: 'not-root',
      message: 'to set up this machine is for root',
      remedy: 'Run it as root: sudo roamhome … . To set up another machine give --host admin@machine.',
    });
  const { exitCode, stderr } = await host.run(['sudo', '-n', 'true'], { signal });
  if (exitCode === 0) return;
  throw new RoamhomeError({
    code: 'not-root',
    message: `you are not root on ${host.name}, and sudo does not let you become root without asking: ${stderr.trim()}`,
    remedy:
      'Log in as root, run this command on that machine itself with sudo, or let this account use sudo without a password (NOPASSWD, for as long as it takes).',
  });
}
