import { RoamhomeError } from '../errors/errors.ts';

/** For a machine of which no source says anything. */
export function notSetUpError(): RoamhomeError {
  return new RoamhomeError({
    code: 'config-invalid',
    message: 'this machine is not set up: no file has a setting of Roamhome',
    remedy:
      'Run `sudo roamhome provision client --server HOST` on a Mac or a workstation, `sudo roamhome provision server` on the server.',
  });
}

/** For what needs the server, when no source names its address. */
export function noServerError(): RoamhomeError {
  return new RoamhomeError({
    code: 'config-invalid',
    message: 'this machine is not set up: no server is named (server.address)',
    remedy: 'Run `sudo roamhome provision client --server HOST`, with the name of the server.',
  });
}
