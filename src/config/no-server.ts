import { RoamhomeError } from '../errors/errors.ts';

/** For what needs the server, when no source names its address. */
export function noServerError(): RoamhomeError {
  return new RoamhomeError({
    code: 'config-invalid',
    message: 'no server is set: server.address has no value in any source of the configuration',
    remedy: 'Set server.address to the host name or the IP address of the server.',
  });
}
