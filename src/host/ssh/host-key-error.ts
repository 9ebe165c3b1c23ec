import { RoamhomeError } from '../../errors/errors.ts';
import { fingerprint, hostName, typeOfBlob, type HostKeyVerdict } from './known-hosts.ts';
import { shellWord } from '../shell-word.ts';

interface ShownKey {
  readonly address: string;
  readonly port: number;
  readonly knownHostsFile: string;
  readonly keyBlob: Buffer;
}

/** Turns what known_hosts said against the key that a server showed into an error that says what to do about it. */
export function hostKeyError(
  verdict: Exclude<HostKeyVerdict, { verdict: 'known' }>,
  shown: ShownKey,
): RoamhomeError {
  const name = hostName(shown.address, shown.port);
  const { knownHostsFile, keyBlob } = shown;
  const key = describe(keyBlob);
  switch (verdict.verdict) {
    case 'unknown':
      return new RoamhomeError({
        code: 'host-key-unknown',
        message: `${name} shows the host key ${key}, which is not in ${knownHostsFile}`,
        remedy: `${compareFirst(keyBlob)} If they are the same: ${commandToAdd(shown)}`,
        commands: [commandToAdd(shown)],
      });
    case 'changed': {
      const remove = `ssh-keygen -R ${shellWord(name)} -f ${shellWord(knownHostsFile)}`;
      return new RoamhomeError({
        code: 'host-key-changed',
        message:
          `${name} shows the host key ${key}, but ${knownHostsFile} has ` +
          verdict.expected.map((expected) => describe(expected.keyBlob)).join(', '),
        remedy:
          `Somebody may stand between this Mac and the server, or the server was set up anew. ${compareFirst(keyBlob)} ` +
          `If they are the same: ${remove} && ${commandToAdd(shown)}`,
        commands: [remove, commandToAdd(shown)],
      });
    }
    case 'revoked':
      return new RoamhomeError({
        code: 'host-key-revoked',
        message: `${name} shows the host key ${key}, which ${knownHostsFile} marks as @revoked`,
        remedy: 'Do not connect: whoever has this key may not be the server. Give the server a new host key.',
      });
  }
}

function describe(keyBlob: Buffer): string {
  return `${fingerprint(keyBlob)} (${typeOfBlob(keyBlob) ?? 'of no known type'})`;
}

function compareFirst(keyBlob: Buffer): string {
  return `Compare it with what this prints on the server's console: ssh-keygen -lf ${publicKeyFile(keyBlob)}`;
}

/** Where sshd keeps the public half of a host key of this type. */
function publicKeyFile(keyBlob: Buffer): string {
  const type = typeOfBlob(keyBlob) ?? '';
  const short = type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
  return `/etc/ssh/ssh_host_${short}_key.pub`;
}

/** What the server sent goes into a command that an admin pastes: the type is cut down to what a type is made of. */
function commandToAdd({ address, port, knownHostsFile, keyBlob }: ShownKey): string {
  const type = (typeOfBlob(keyBlob) ?? '').replace(/[^A-Za-z0-9@.-]/g, '');
  const line = `${hostName(address, port)} ${type} ${keyBlob.toString('base64')}`;
  return `echo ${shellWord(line)} >> ${shellWord(knownHostsFile)}`;
}
