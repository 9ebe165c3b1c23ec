import type { Config } from '../config/schema.ts';
import { RoamhomeError } from '../errors/errors.ts';
import { escapeDn } from './text.ts';

/** How a directory is reached: TLS from the start, StartTLS, or nothing (this machine, or an admin's word). */
export type Transport = 'tls' | 'starttls' | 'plain';

/** The settings of a directory, whole: what may be left out is filled in. */
export interface DirectorySettings {
  readonly url: string;
  /** As certificates name it. */
  readonly host: string;
  readonly transport: Transport;
  readonly caFile: string | null;
  readonly bindDn: string;
  readonly bindSecretFile: string | null;
  readonly baseDn: string;
  readonly usersDn: string;
  readonly groupDn: string;
  /** Members of it have their homes synced. */
  readonly group: string;
  readonly homeBase: string;
  readonly loginShell: string;
  readonly uidMin: number;
  readonly uidMax: number;
  readonly connectMs: number;
  readonly operationMs: number;
}

/** Throws `config-invalid` where something is missing that has no default. Pure. */
export function directorySettings(config: Config): DirectorySettings {
  const { directory, limits, syncGroup } = config;
  const { url, baseDn, bindDn } = directory;
  const missing = Object.entries({ url, baseDn, bindDn }).filter(([, value]) => value === undefined);
  if (url === undefined || baseDn === undefined || bindDn === undefined) {
    throw invalid(
      `to use the directory ${missing.map(([key]) => `directory.${key}`).join(', ')} must be set`,
      "For example directory.url = ldaps://ldap.example.org, directory.baseDn = dc=example,dc=org and directory.bindDn = cn=admin,dc=example,dc=org, in the machine's configuration or with --set.",
    );
  }
  if (directory.uidMin > directory.uidMax) {
    throw invalid(
      `directory.uidMin (${directory.uidMin}) is above directory.uidMax (${directory.uidMax})`,
      'Set both to the ends of the range from which users get their uid numbers.',
    );
  }
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    url,
    host,
    transport: transportOf(protocol, host, directory.allowPlain),
    caFile: directory.caFile ?? null,
    bindDn,
    bindSecretFile: directory.bindSecretFile ?? null,
    baseDn,
    usersDn: directory.usersDn ?? `ou=people,${baseDn}`,
    groupDn: `cn=${escapeDn(syncGroup)},${directory.groupsDn ?? `ou=groups,${baseDn}`}`,
    group: syncGroup,
    homeBase: directory.homeBase,
    loginShell: directory.loginShell,
    uidMin: directory.uidMin,
    uidMax: directory.uidMax,
    connectMs: limits.connectSeconds * 1000,
    operationMs: limits.stallSeconds * 1000,
  };
}

function transportOf(protocol: string, host: string, allowPlain: boolean): Transport {
  if (protocol === 'ldaps:') return 'tls';
  const isThisMachine = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
  return isThisMachine || allowPlain ? 'plain' : 'starttls';
}

function invalid(message: string, remedy: string): RoamhomeError {
  return new RoamhomeError({ code: 'config-invalid', message, remedy });
}
