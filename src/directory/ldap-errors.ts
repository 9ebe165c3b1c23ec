import { RoamhomeError, type ErrorCode } from '../errors/errors.ts';
import { errnoOf } from '../host/command-errors.ts';
import type { DirectorySettings } from './settings.ts';

/** The numbers of RFC 4511, 4.1.9 that mean something to us. */
export const resultCodes = {
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unavailable: 52,
  strongAuthRequired: 8,
  sizeLimitExceeded: 4,
  inappropriateAuthentication: 48,
  objectClassViolation: 65,
  entryAlreadyExists: 68,
} as const;

/** The result code of an answer of the directory; null: the error is none of the directory's. Pure. */
export function resultCodeOf(error: unknown): number | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}

/** What went wrong, with what to do about it. `doing`: what was tried, such as `add uid=alice,…`. Pure. */
export function directoryError(settings: DirectorySettings, doing: string, cause: unknown): RoamhomeError {
  if (cause instanceof RoamhomeError) return cause;
  const code = resultCodeOf(cause);
  return code === null ? transportError(settings, doing, cause) : answerError(settings, doing, code, cause);
}

function answerError(
  { url, bindDn, baseDn }: DirectorySettings,
  doing: string,
  code: number,
  cause: unknown,
): RoamhomeError {
  // ldapts puts the number behind what the directory said.
  const said = (cause as Error).message.replace(/ Code: 0x[0-9a-f]+$/, '').trim();
  const make = (kind: ErrorCode, message: string, remedy: string, retryable = false): RoamhomeError =>
    new RoamhomeError({ code: kind, message, remedy, retryable, cause });
  switch (code) {
    case resultCodes.invalidCredentials:
    case resultCodes.inappropriateAuthentication:
      return make(
        'directory-refused',
        `${url} does not take the password of ${bindDn}`,
        `Correct directory.bindDn or its password; \`ldapwhoami -H ${url} -D '${bindDn}' -W\` tries them.`,
      );
    case resultCodes.insufficientAccess:
      return make(
        'directory-refused',
        `${url} does not let ${bindDn} ${doing}`,
        `Let it write below ${baseDn} (olcAccess of OpenLDAP), or bind as somebody who may.`,
      );
    case resultCodes.confidentialityRequired:
    case resultCodes.strongAuthRequired:
      return make(
        'directory-refused',
        `${url} wants an encrypted connection to ${doing}`,
        'Set directory.url to ldaps://…, or leave directory.allowPlain out.',
      );
    case resultCodes.sizeLimitExceeded:
      return make(
        'directory-failed',
        `${url} does not show ${bindDn} as many entries as there are (to ${doing})`,
        'Lift the limit for that DN (olcLimits of OpenLDAP).',
      );
    case resultCodes.objectClassViolation:
      return make(
        'directory-failed',
        `${url} would not ${doing}: ${said}`,
        'Its classes want or forbid an attribute: a groupOfNames, for one, has to keep a member. What was done before stays.',
      );
    case resultCodes.busy:
    case resultCodes.unavailable:
      return make('directory-failed', `${url} cannot ${doing} now: ${said}`, 'Run it again later.', true);
    default:
      return make(
        'directory-failed',
        `${url} would not ${doing}: ${said} (result ${code})`,
        'The directory’s own log says more. What was done before stays; running this again goes on from there.',
      );
  }
}

/** Node's names for certificates that do not pass (tls, X509 certificate error codes). */
const certificateProblem =
  /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|CRL_)/;

function transportError(
  { url, host, caFile, transport }: DirectorySettings,
  doing: string,
  cause: unknown,
): RoamhomeError {
  const errno = errnoOf(cause) ?? '';
  const said = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  if (certificateProblem.test(errno)) {
    return new RoamhomeError({
      code: 'directory-untrusted',
      message: `the certificate of ${url} is not to be trusted: ${said}`,
      remedy:
        caFile === null
          ? 'Name the file with the certificate of who issued it in directory.caFile, and the directory as its certificate does.'
          : `Check that ${caFile} holds the certificate of who issued it, and that the certificate is for ${host}.`,
      cause,
    });
  }
  return new RoamhomeError({
    code: 'directory-unreachable',
    message: `cannot reach the directory ${url} (to ${doing}): ${said}`,
    remedy: `Check directory.url and that the directory runs${transport === 'plain' ? '' : ' and speaks TLS'}; running this again goes on from where it stopped.`,
    retryable: true,
    cause,
  });
}
