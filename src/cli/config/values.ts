import { existsSync } from 'node:fs';
import { configFiles } from '../../config/load.ts';
import { valueAt, type LoadedConfig } from '../../config/merge.ts';
import { setSource } from '../../config/set-flags.ts';
import { leafOf } from '../../config/known-key.ts';
import { tellMistakes } from '../../config/tell-mistakes.ts';
import { asText, isWrong, mistakesToJson } from './table.ts';
import type { JsonDocument } from '../framework/context.ts';
import { isSetUp, sourcesOf } from '../framework/set-up.ts';
import { systemKind } from '../../config/system-kind.ts';

/** What a `config` command prints, for people and for programs. */
export interface ConfigAnswer {
  readonly text: string;
  readonly document: JsonDocument;
  /** A setting that was asked for is not what its source means it to be. */
  readonly isWrong: boolean;
}

/** The value of a setting in effect. Throws `usage` for a name that no setting has. Pure. */
export function describeSetting(key: string, loaded: LoadedConfig): ConfigAnswer {
  leafOf(key);
  const value = valueAt(loaded.config, key) ?? null;
  return {
    text: value === null ? '' : asText(value),
    document: { key, value, source: loaded.origins.get(key) ?? null },
    isWrong: loaded.replaced.has(key),
  };
}

/** Every mistake of every source, or that there is none. Pure. */
export function describeCheck(loaded: LoadedConfig): ConfigAnswer {
  const told = tellMistakes(loaded);
  const sources = sourcesOf(loaded.origins).filter((source) => source !== setSource);
  const good =
    sources.length === 0
      ? 'No mistake. No file has a setting: the defaults are in effect.'
      : `No mistake in ${sources.join(' and ')}.`;
  return {
    text: told.length === 0 ? good : told.join('\n'),
    document: { isSetUp: isSetUp(loaded), sources, mistakes: mistakesToJson(loaded) },
    isWrong: isWrong(loaded),
  };
}

/** The file that `config set` writes, and each file that is read. */
export function describeFiles(file: string | undefined): Omit<ConfigAnswer, 'isWrong'> {
  const files = configFiles({ kind: systemKind(process.platform), file }).map(({ path }) => path);
  const [own = ''] = files;
  return {
    text: own,
    document: { path: own, files: files.map((path) => ({ path, exists: existsSync(path) })) },
  };
}
