import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import type { AdminTarget } from './admin-target.ts';
import { collectOutput } from '../collect-output.ts';
import type { Argv, CommandResult, Host, RunningCommand, RunOptions } from '../host.ts';
import { shellWord } from '../shell-word.ts';

interface AdminHostOptions {
  /** `admin@server.example`: for messages. */
  readonly name: string;
  /** Runs `ssh`; sees the admin's HOME and SSH_AUTH_SOCK. Closed with this host. */
  readonly local: Host;
  /** Whether somebody is there to be asked for a passphrase, or whether a host key is right. */
  readonly isInteractive: boolean;
}

/**
 * A machine as an admin reaches it: by the system's own ssh, with whatever works for the admin by hand (keys, agent, hardware
 * tokens, jump hosts, known_hosts). Any command runs there, through the admin's own shell: each word is quoted. One
 * connection for all commands. Rejects with `server-unreachable`, `auth-refused`, `host-key-unknown`, `connection-lost`.
 */
export function createAdminHost(target: AdminTarget, options: AdminHostOptions): Host {
  const { name, local, isInteractive } = options;
  // A directory of our own: whoever can write to the socket has the connection.
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-'));
  const ssh = (...more: readonly string[]): Argv => [
    ...(['ssh', '-T', '-a', '-x', '-S', join(directory, 's')] as const),
    ...['-o', `BatchMode=${isInteractive ? 'no' : 'yes'}`, '-o', 'ConnectTimeout=15'],
    ...['-o', 'ServerAliveInterval=10', '-o', 'ServerAliveCountMax=3', '-o', 'PermitLocalCommand=no'],
    ...(target.port === null ? [] : ['-p', String(target.port)]),
    ...(target.user === null ? [] : ['-l', target.user]),
    ...more,
  ];
  let connecting: Promise<RunningCommand> | undefined;

  /** It lasts as long as this command's stdin. */
  async function connect(): Promise<RunningCommand> {
    const master = await local.stream(ssh('-M', '--', target.address, 'echo roamhome-connected; cat'));
    const connected = new Promise<void>((resolve) => {
      let seen = '';
      master.stdout.on('data', (chunk: Buffer) => {
        // The admin's shell may say something of its own before.
        seen = (seen + chunk.toString()).slice(-10_000);
        if (/^roamhome-connected\r?$/m.test(seen)) resolve();
      });
    });
    await Promise.race([
      connected,
      master.done.then((result) => {
        throw connectError(name, result);
      }),
    ]);
    return master;
  }

  /** 255 is ssh's own code, and any command's. One whose connection is gone says nothing. */
  async function isLost({ stderr }: CommandResult): Promise<boolean> {
    if (sshSays.test(stderr)) return true;
    return (await local.run(ssh('-O', 'check', '--', target.address))).exitCode !== 0;
  }

  async function stream(argv: Argv, runOptions: RunOptions = {}): Promise<RunningCommand> {
    connecting ??= connect();
    await connecting;
    const line = argv.map(shellWord).join(' ');
    const command = await local.stream(ssh('-o', 'ControlMaster=no', '--', target.address, line), runOptions);
    const done = command.done.then(async (result) => {
      if (result.exitCode === 255 && (await isLost(result))) throw lostError(name, result);
      return result;
    });
    done.catch(() => undefined);
    return { ...command, done };
  }

  return {
    name,
    stream,
    run: async (argv, runOptions) => collectOutput(await stream(argv, runOptions), argv),
    close: async () => {
      const master = await connecting?.catch(() => undefined);
      master?.stdin.end();
      await master?.done.catch(() => undefined);
      await local.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What ssh itself says when it ends with 255. */
const sshSays =
  /^(?:ssh: |Connection |kex_exchange_identification|client_loop: |mux_client|Timeout, server |Host key verification failed|.*: Permission denied \()/m;

function lostError(name: string, { stderr }: CommandResult): RoamhomeError {
  return new RoamhomeError({
    code: 'connection-lost',
    message: `the connection to ${name} was lost${stderr.trim() === '' ? '' : `: ${oneLine(stderr)}`}`,
    remedy: 'Run this again: it looks at what is there, and goes on from there.',
    retryable: true,
  });
}

function connectError(name: string, { stderr, stdout }: CommandResult): RoamhomeError {
  const said = oneLine(stderr === '' ? stdout : stderr);
  const by = `ssh says: ${said === '' ? 'nothing' : said}`;
  if (stderr.includes('REMOTE HOST IDENTIFICATION HAS CHANGED'))
    return new RoamhomeError({
      code: 'host-key-changed',
      message: `${name} shows another host key than your known_hosts has`,
      remedy: 'Somebody may stand in between, or it was set up anew: log in by hand with ssh and see to it.',
    });
  if (/Host key verification failed|No .* host key is known/.test(stderr))
    return new RoamhomeError({
      code: 'host-key-unknown',
      message: `your known_hosts does not know ${name}`,
      remedy: `Log in there once by hand with ssh, and compare the fingerprint; then run this again.`,
    });
  if (/Permission denied|Too many authentication failures/.test(stderr))
    return new RoamhomeError({
      code: 'auth-refused',
      message: `${name} does not let you in; ${by}`,
      remedy: 'Check that you can log in there by hand with ssh; load your key into the agent (ssh-add).',
    });
  return new RoamhomeError({
    code: 'server-unreachable',
    message: `cannot log in to ${name}; ${by}`,
    remedy: 'Check the name and the network, and that you can log in there by hand with ssh.',
    retryable: true,
  });
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(0, 300);
}
