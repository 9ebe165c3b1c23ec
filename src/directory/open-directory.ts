import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Attribute, Change, Client, type Entry } from 'ldapts';
import { RoamhomeError } from '../errors/errors.ts';
import { errnoOf } from '../host/command-errors.ts';
import type { DirectoryChange, ModifyStep } from './change.ts';
import type { ChangeOutcome, DirectoryConnection, DirectoryEntry } from './connection.ts';
import { directoryError, resultCodeOf, resultCodes } from './ldap-errors.ts';
import type { DirectorySettings } from './settings.ts';

/** So that a directory of many users answers in pieces: slapd keeps others waiting meanwhile otherwise. */
const pageSize = 500;

/**
 * Connects, checks the certificate, and binds. Nothing of the password or of users is sent before the connection is
 * encrypted, where it is to be. Throws as DirectoryConnection says.
 */
export async function openDirectory(
  settings: DirectorySettings,
  secret: string,
  signal: AbortSignal,
): Promise<DirectoryConnection> {
  const tls = settings.transport === 'plain' ? null : tlsOptions(settings);
  const sockets: Socket[] = [];
  // When a connection is lost ldapts makes a new one, without StartTLS and with nobody bound to it.
  const once = <T extends Socket>(socket: () => T): T => {
    if (sockets.length > 0) throw new Error('the connection was lost');
    const first = socket();
    sockets.push(first);
    return first;
  };
  const client = new Client({
    url: settings.url,
    timeout: settings.operationMs,
    connectTimeout: settings.connectMs,
    createConnection: ((port: number, host: string) => once(() => connect(port, host))) as typeof connect,
    // Of its own for TLS from the start only: ldapts would encrypt an ldap:// connection from the start otherwise.
    ...(settings.transport === 'tls' && tls !== null
      ? {
          tlsOptions: tls,
          createSecureConnection: ((port: number, host: string, options: ConnectionOptions) =>
            once(() => connectTls(port, host, options))) as typeof connectTls,
        }
      : {}),
  });
  const end = (): void => {
    sockets.forEach((socket) => socket.destroy());
  };
  signal.addEventListener('abort', end, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', end);
    await client.unbind().catch(() => undefined);
    end();
  };
  const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (cause) {
      throw signal.aborted ? signal.reason : directoryError(settings, doing, cause);
    }
  };
  try {
    if (settings.transport === 'starttls' && tls !== null)
      await attempt('begin an encrypted connection', () =>
        within(settings.connectMs, () => client.startTLS(tls), end),
      );
    await attempt('log in', () => client.bind(settings.bindDn, secret));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    search: ({ base, scope, filter, attributes }) =>
      attempt(`search below ${base}`, async () => {
        try {
          const { searchEntries } = await client.search(base, {
            scope: scope === 'entry' ? 'base' : 'sub',
            filter,
            attributes: [...attributes],
            paged: { pageSize },
          });
          return searchEntries.map(toEntry);
        } catch (error) {
          if (resultCodeOf(error) === resultCodes.noSuchObject) return [];
          throw error;
        }
      }),
    apply: (change) =>
      attempt(`${change.kind} ${change.dn}`, async () => {
        try {
          await applyWith(client, change);
          return 'done';
        } catch (error) {
          const outcome = outcomes.get(resultCodeOf(error) ?? -1);
          if (outcome === undefined) throw error;
          return outcome;
        }
      }),
    close,
  };
}

const outcomes: ReadonlyMap<number, ChangeOutcome> = new Map([
  [resultCodes.entryAlreadyExists, 'exists'],
  [resultCodes.attributeOrValueExists, 'exists'],
  [resultCodes.noSuchObject, 'missing'],
  [resultCodes.noSuchAttribute, 'changed'],
]);

async function applyWith(client: Client, change: DirectoryChange): Promise<void> {
  const { dn } = change;
  switch (change.kind) {
    case 'add':
      return client.add(
        dn,
        Object.entries(change.attributes).map(
          ([type, values]) => new Attribute({ type, values: [...values] }),
        ),
      );
    case 'modify':
      return client.modify(dn, change.steps.map(toChange));
    case 'rename':
      return client.modifyDN(dn, change.newRdn);
    case 'delete':
      return client.del(dn);
  }
}

function toChange({ operation, attribute, values }: ModifyStep): Change {
  return new Change({ operation, modification: new Attribute({ type: attribute, values: [...values] }) });
}

function toEntry({ dn, ...attributes }: Entry): DirectoryEntry {
  return {
    dn,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, values]) => [
        name.toLowerCase(),
        [values].flat().map((value) => value.toString()),
      ]),
    ),
  };
}

function tlsOptions({ host, caFile }: DirectorySettings): ConnectionOptions {
  // An address is no name that SNI could carry; the certificate is checked against `host` either way.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return { host, ...name, minVersion: 'TLSv1.2', ...(caFile === null ? {} : { ca: readCa(caFile) }) };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new RoamhomeError({
      code: 'config-invalid',
      message: `cannot read directory.caFile ${file}: ${errnoOf(cause) ?? String(cause)}`,
      remedy: 'Correct the path: it is to hold certificates in PEM format.',
      cause,
    });
  }
}

/** A handshake that never ends would keep ldapts waiting for ever. */
async function within<T>(milliseconds: number, work: () => Promise<T>, end: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      end();
      reject(new Error(`no answer within ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
