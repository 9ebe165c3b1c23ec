import { RoamhomeError } from '../errors/errors.ts';
import type { Config } from './schema.ts';

/** The server's settings with an address that is known to be there. */
export type ServerConfig = Config['server'] & { readonly address: string };

/** For what needs the server. Throws `config-invalid` when no source names its address. */
export function requireServer(config: Config): ServerConfig {
  const { address } = config.server;
  if (address === undefined) {
    throw new RoamhomeError({
      code: 'config-invalid',
      message: 'no server is set: server.address has no value in any source of the configuration',
      remedy: 'Set server.address to the host name or the IP address of the server.',
    });
  }
  return { ...config.server, address };
}
