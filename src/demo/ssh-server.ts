import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import { refusalLine } from '../gate/refusal.ts';
import type { Argv, Host } from '../host/host.ts';
import { remoteCommand } from '../host/remote-words.ts';

export interface KeyPair {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** `ssh-ed25519 BASE64`. */
  readonly publicKey: string;
}

export interface SshServerOptions {
  /** Where the commands run. */
  readonly host: Host;
  /** The one account. */
  readonly user: string;
  readonly authorizedKeys: readonly AuthorizedKey[];
}

export interface AuthorizedKey {
  /** As in authorized_keys: `type base64`. */
  readonly publicKey: string;
  /** Why a command of this key is not run, as the key's gate would say; null: it is run. */
  readonly whyRefused: (commandLine: string) => string | null;
}

/** A server on loopback with a host key of its own, on which `zfs` and plain words are all that runs. */
export interface SshServer {
  readonly port: number;
  /** `type base64`, as known_hosts has it. */
  readonly hostKey: string;
  /** While silent it answers new connections with nothing at all, like a server whose link is cut. */
  setSilent(silent: boolean): void;
  /** Ends every connection with its commands. */
  close(): Promise<void>;
}

/** A new ed25519 key pair. */
export function createKeyPair(): KeyPair {
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
    // One in 200 that ssh2 1.17 makes cannot be read: it takes a key's first byte for padding when it is 0.
    if ([privateKey, publicKey].every((text) => !(ssh2.utils.parseKey(text) instanceof Error)))
      return { privateKey, publicKey };
  }
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startSshServer({ host, user, authorizedKeys }: SshServerOptions): Promise<SshServer> {
  const hostKey = createKeyPair();
  const keys = authorizedKeys.map(({ publicKey, whyRefused }) => ({
    ...{ key: parsePublicKey(publicKey), whyRefused },
  }));
  const ssh = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (connection: Connection) => {
    let whyRefused: AuthorizedKey['whyRefused'] = () => 'nobody has logged in';
    connection.on('authentication', (context) => {
      const accepted = acceptedKey(context, user, keys);
      if (accepted === null) {
        context.reject(['publickey']);
        return;
      }
      ({ whyRefused } = accepted);
      context.accept();
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptCommand, rejectCommand, { command }) => {
        const argv = argvOf(command);
        if (argv === null) rejectCommand();
        else {
          const why = whyRefused(command);
          if (why === null) void serve(acceptCommand(), argv, host);
          else refuse(acceptCommand(), why);
        }
      });
    });
    // Whoever lost the connection is told on their side; a listener keeps it from being an uncaught exception.
    connection.on('error', () => undefined);
  });

  let silent = false;
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (silent) socket.on('error', () => undefined).resume();
    else ssh.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    hostKey: hostKey.publicKey,
    setSilent: (now) => {
      silent = now;
    },
    close: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function parsePublicKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

interface KnownKey extends Pick<AuthorizedKey, 'whyRefused'> {
  readonly key: ParsedKey;
}

/** The key that lets the client in; null: none. */
function acceptedKey(context: AuthContext, user: string, keys: readonly KnownKey[]): KnownKey | null {
  if (context.method !== 'publickey' || context.username !== user) return null;
  const { key, signature, blob, hashAlgo } = context;
  const known = keys.find((each) => each.key.type === key.algo && each.key.getPublicSSH().equals(key.data));
  if (known === undefined) return null;
  // Without a signature the client only asks whether the key would do.
  if (signature === undefined) return known;
  return blob !== undefined && known.key.verify(blob, signature, hashAlgo) ? known : null;
}

/** As the gate does. */
function refuse(channel: ServerChannel, why: string): void {
  channel.on('error', () => undefined);
  channel.stderr.write(refusalLine(why));
  channel.exit(126);
  channel.end();
}

/** The words of a command line that Roamhome could have sent; null for any other. */
function argvOf(commandLine: string): Argv | null {
  const [program = '', ...words] = commandLine.split(' ');
  const argv: Argv = [program, ...words];
  try {
    remoteCommand(argv);
    return argv;
  } catch {
    // The client is told that the command is refused; nobody else is there to hear why.
    return null;
  }
}

/** Runs a command between the two ends of a channel. */
async function serve(channel: ServerChannel, argv: Argv, host: Host): Promise<void> {
  // As above: a broken channel is the client's to tell.
  channel.on('error', () => undefined);
  try {
    const command = await host.stream(argv);
    channel.once('close', () => {
      command.kill();
    });
    command.onStderrLine((line) => channel.stderr.write(`${line}\n`));
    // A command that ends without reading all of its input says why by its exit code.
    command.stdin.on('error', () => channel.unpipe().resume());
    channel.pipe(command.stdin);
    command.stdout.pipe(channel, { end: false });
    const { exitCode } = await command.done;
    channel.exit(exitCode ?? 1);
  } catch (error) {
    channel.stderr.write(`${String(error)}\n`);
    channel.exit(127);
  }
  channel.end();
}
