import { hostname } from 'node:os';
import type { SystemKind } from '../../config/defaults.ts';
import { loadConfig } from '../../config/load.ts';
import type { LoadedConfig } from '../../config/merge.ts';
import { ConfigInvalidError } from '../../config/mistakes.ts';
import { tellMistakes } from '../../config/tell-mistakes.ts';
import { refusalOf, type Work } from '../../config/works.ts';
import type { GlobalOptions } from './context.ts';
import { withKeptName } from './kept-name.ts';
import { systemKind } from '../../config/system-kind.ts';
import { withThinningMistakes } from './thinning-settings.ts';

type Where = Pick<GlobalOptions, 'config' | 'set'>;

/**
 * The configuration of this machine under the command's options, with whatever is wrong in it. `keepName`: by a run that
 * makes snapshots of homes, which bear this machine's name.
 */
export async function loadSettings(
  options: Where,
  { kind = systemKind(process.platform), keepName = false }: { kind?: SystemKind; keepName?: boolean } = {},
): Promise<LoadedConfig> {
  const trustOnlyRoot = process.geteuid?.() === 0;
  const { config: file, set } = options;
  const loaded = await loadConfig({ kind, hostName: hostname(), file, set, trustOnlyRoot });
  return withKeptName(withThinningMistakes(loaded), { keep: keepName && trustOnlyRoot });
}

/**
 * The same for a command that is about to do some work. Tells each mistake on standard error, unless `tell` does. Throws
 * `config-invalid` when the work cannot be done without the settings that are wrong, or the command line is wrong itself.
 */
export async function loadCliConfig(
  options: Where,
  work: Work,
  tell: (warnings: readonly string[]) => void = onStandardError,
): Promise<LoadedConfig> {
  const loaded = await loadSettings(options, { keepName: work === 'session' });
  // Whoever typed it for this run meant something by it; of a file it may be a later version's.
  const typed = loaded.mistakes.filter(
    ({ isTyped, key, unknown }) => isTyped === true && (unknown !== undefined || key === null),
  );
  const refusal = typed.length > 0 ? new ConfigInvalidError(typed) : refusalOf(work, loaded);
  if (refusal !== null) throw refusal;
  tell(tellMistakes(loaded));
  return loaded;
}

function onStandardError(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`roamhome: ${warning}\n`);
}
