import { RoamhomeError } from '../errors/errors.ts';
import { readOwnFile, type Refuse } from '../host/own-file.ts';

/** Where the secret is looked for when no file is configured. */
const secretVariable = 'ROAMHOME_BIND_SECRET';

/**
 * The password of the bind DN: the first line of `file`, which only its owner may read, or without one what the
 * environment has. Throws `directory-secret-unusable`; the secret is in no message.
 */
export function readBindSecret(file: string | null, environment: NodeJS.ProcessEnv): string {
  const secret = file === null ? environment[secretVariable] : readOwnFile(file, unusable).split(/\r?\n/)[0];
  if (secret !== undefined && secret !== '') return secret;
  // An empty password would be an anonymous bind, which a directory answers with "success" (RFC 4513, 5.1.2).
  throw unusable(
    file === null ? 'there is no password for the directory' : `the first line of ${file} is empty`,
    `Put the password of directory.bindDn into a file of mode 600 and name that in directory.bindSecretFile, or into the environment as ${secretVariable}.`,
    {},
  );
}

const unusable: Refuse = (message, remedy, more) =>
  new RoamhomeError({ code: 'directory-secret-unusable', message, remedy, ...more });
