import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv } from '../../host/host.ts';
import {
  fingerprint,
  hostName,
  judgeHostKey,
  parseKnownHosts,
  type KnownHostEntry,
} from '../../host/ssh/known-hosts.ts';
import { fileChanges, readEntry } from '../entry.ts';
import type { Machine } from '../machine.ts';
import { alreadySo, toDo, type Task } from '../task.ts';

/** A server whose host key is to be known. */
export interface WantedHostKey {
  readonly address: string;
  readonly port: number;
  readonly knownHostsFile: string;
  /** What it has to be, as `ssh-keygen -l` prints it; undefined: a person is asked. */
  readonly fingerprint: string | undefined;
  /** Shows the lines to a person, who agrees or throws. */
  readonly confirm: (lines: readonly string[]) => Promise<void>;
}

/** The server's host key in this Mac's known_hosts. Its directory is there by then. */
export function hostKeyTask(machine: Machine, wanted: WantedHostKey): Task {
  const { address, port, knownHostsFile: path } = wanted;
  return {
    title: `the host key of ${address}`,
    machine,
    look: async (signal) => {
      const entry = await readEntry(machine.host, path, signal);
      const text = entry?.text ?? '';
      const known = parseKnownHosts(text, path);
      const trusted = known.filter(
        (one) =>
          judgeHostKey({ entries: [one], host: address, port, keyBlob: one.keyBlob }).verdict === 'known',
      );
      if (trusted.length > 0) {
        demandSame(trusted, wanted);
        return toDo(...fileChanges(entry, { path, text, mode: 0o644, owner: 'root' }));
      }
      const key = await chooseKey(await scan(machine, wanted, signal), wanted, machine);
      if (key === null) return alreadySo;
      const line = `${hostName(address, port)} ${key.keyType} ${key.keyBlob.toString('base64')}`;
      const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
      return toDo(...fileChanges(entry, { path, text: `${before}${line}\n`, mode: 0o644, owner: 'root' }));
    },
  };
}

function demandSame(
  trusted: readonly KnownHostEntry[],
  { fingerprint: wanted, address, knownHostsFile }: WantedHostKey,
): void {
  if (wanted === undefined || trusted.some((one) => fingerprint(one.keyBlob) === wanted)) return;
  throw new RoamhomeError({
    code: 'host-key-changed',
    message: `${knownHostsFile} knows ${address} by ${trusted.map((one) => fingerprint(one.keyBlob)).join(', ')}, not by ${wanted}`,
    remedy: `Compare both with the server's console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub). If the old one is wrong: ssh-keygen -R ${address} -f ${knownHostsFile}`,
  });
}

/** What the server shows, by the system's ssh-keyscan on the machine that is to know it. */
async function scan(
  machine: Machine,
  { address, port }: WantedHostKey,
  signal: AbortSignal,
): Promise<readonly KnownHostEntry[]> {
  const argv: Argv = [
    'ssh-keyscan',
    '-T',
    '10',
    '-p',
    String(port),
    '-t',
    'ed25519,ecdsa,rsa',
    '--',
    address,
  ];
  const { stdout, stderr } = await machine.host.run(argv, { signal });
  const keys = parseKnownHosts(stdout, 'ssh-keyscan');
  if (keys.length > 0) return keys;
  const said = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join(' ')
    .slice(0, 200);
  throw new RoamhomeError({
    code: 'server-unreachable',
    message: `${machine.name} gets no host key of ${address}, port ${port}${said === '' ? '' : `: ${said}`}`,
    remedy: 'Check the name, the port and the network, and that sshd runs there.',
    retryable: true,
  });
}

async function chooseKey(
  keys: readonly KnownHostEntry[],
  wanted: WantedHostKey,
  machine: Machine,
): Promise<KnownHostEntry | null> {
  const shown = keys.map((key) => `  ${fingerprint(key.keyBlob)} (${key.keyType})`);
  if (wanted.fingerprint !== undefined) {
    const match = keys.find((key) => fingerprint(key.keyBlob) === wanted.fingerprint);
    if (match !== undefined) return match;
    throw new RoamhomeError({
      code: 'host-key-unknown',
      message: `${wanted.address} shows no host key ${wanted.fingerprint}, but ${shown.map((line) => line.trim()).join(', ')}`,
      remedy:
        "Compare with the server's console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub): somebody may stand in between.",
    });
  }
  const best = keys.find((key) => key.keyType === 'ssh-ed25519') ?? keys[0] ?? null;
  if (best !== null)
    await wanted.confirm([
      `${wanted.address} shows ${machine.name} this host key:`,
      `  ${fingerprint(best.keyBlob)} (${best.keyType})`,
      "Compare it with what the server's console says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    ]);
  return best;
}
