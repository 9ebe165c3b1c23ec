import { RoamhomeError } from '../../errors/errors.ts';

/** Where an admin logs in. What is not given is left to their ssh's configuration. */
export interface AdminTarget {
  readonly user: string | null;
  readonly address: string;
  readonly port: number | null;
}

/** Reads `[user@]address[:port]`, an IPv6 address in brackets. Pure; throws `usage`. */
export function parseAdminTarget(text: string): AdminTarget {
  // Nothing that ssh could take for an option, and nothing that its own configuration could put into a command line.
  const pattern =
    /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?(?:([A-Za-z0-9][A-Za-z0-9_.-]*)|\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)\])(?::(\d{1,5}))?$/;
  const [match, user = null, name, v6, port = null] = pattern.exec(text) ?? [];
  const number = port === null ? null : Number(port);
  if (match === undefined || number === 0 || (number ?? 0) > 65_535) {
    throw new RoamhomeError({
      code: 'usage',
      message: `${JSON.stringify(text)} is not where an admin can log in`,
      remedy: 'Write it as admin@server.example, with :port behind it if that is not 22.',
    });
  }
  return { user, address: name ?? v6 ?? '', port: number };
}
