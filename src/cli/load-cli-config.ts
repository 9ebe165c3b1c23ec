import { hostname } from 'node:os';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/merge.ts';
import type { GlobalOptions } from './context.ts';
import { withKeptName } from './kept-name.ts';
import { systemKind } from './system-kind.ts';

/**
 * The configuration of this machine under the command's options. `keepName`: by a run that makes snapshots of homes, which
 * bear this machine's name. Throws `config-invalid`.
 */
export async function loadCliConfig(
  options: Pick<GlobalOptions, 'config' | 'set'>,
  { keepName = false }: { readonly keepName?: boolean } = {},
): Promise<LoadedConfig> {
  const loaded = await loadConfig({
    kind: systemKind(process.platform),
    hostName: hostname(),
    file: options.config,
    set: options.set,
    trustOnlyRoot: process.geteuid?.() === 0,
  });
  return withKeptName(loaded, { keep: keepName && process.geteuid?.() === 0 });
}
