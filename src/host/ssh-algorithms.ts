import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/** The signatures that each type of host key can make. SHA-1 (`ssh-rsa`) is not among them. */
const signaturesByKeyType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * What to offer to a server. ssh2's own lists of ciphers and key exchanges are right as they are: AES-GCM first where
 * the CPU has AES, no SHA-1. Types of host key that known_hosts has come first, as OpenSSH does it: a server with
 * several keys would otherwise show one that nobody has written down.
 */
export function offeredAlgorithms(knownKeyTypes: readonly string[]): Algorithms {
  const types = [...new Set([...knownKeyTypes, ...Object.keys(signaturesByKeyType)])];
  return {
    serverHostKey: types.flatMap((type) => signaturesByKeyType[type] ?? []),
    hmac: [
      'hmac-sha2-256-etm@openssh.com',
      'hmac-sha2-512-etm@openssh.com',
      'hmac-sha2-256',
      'hmac-sha2-512',
    ],
    compress: ['none'],
  };
}
