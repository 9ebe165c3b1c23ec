import { hostname } from 'node:os';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/merge.ts';
import type { GlobalOptions } from './context.ts';
import { systemKind } from './system-kind.ts';

/** The configuration of this machine under the command's options. Throws `config-invalid`. */
export function loadCliConfig(options: Pick<GlobalOptions, 'config' | 'set'>): Promise<LoadedConfig> {
  return loadConfig({
    kind: systemKind(process.platform),
    hostName: hostname(),
    file: options.config,
    set: options.set,
    trustOnlyRoot: process.geteuid?.() === 0,
  });
}
