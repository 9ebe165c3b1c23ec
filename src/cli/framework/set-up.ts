import type { LoadedConfig } from '../../config/merge.ts';
import { notSetUpError } from '../../config/no-server.ts';

/** Commands that have nothing to work with on a machine that is not set up. */
const refused: ReadonlySet<string> = new Set([
  ...['status', 'doctor', 'snapshots', 'versions', 'diff', 'restore', 'thin', 'tend'],
  ...['conflicts list', 'conflicts show', 'conflicts diff', 'conflicts restore', 'conflicts discard'],
  ...['exclude add', 'exclude remove', 'exclude list'],
]);

/** Commands that do their work all the same: a session keeps its snapshot, whatever the settings are. */
const warned: ReadonlySet<string> = new Set([
  'login',
  'logout',
  'checkpoint',
  'push',
  'rollback',
  'install',
  'watch-console',
]);

/** The sources that have a setting, the weakest first. A name that Roamhome keeps for this machine is none. Pure. */
export function sourcesOf(origins: LoadedConfig['origins']): readonly string[] {
  const found = [...origins].flatMap(([key, source]) =>
    source === 'default' || (key === 'local.macName' && source.endsWith('/mac-name')) ? [] : [source],
  );
  return [...new Set(found)];
}

/** False: no source says anything of this machine. Pure. */
export function isSetUp({ origins, mistakes }: Pick<LoadedConfig, 'origins' | 'mistakes'>): boolean {
  return mistakes.length > 0 || sourcesOf(origins).length > 0;
}

/** Whether it matters to a command that the machine is not set up. Pure. */
export function minds(command: string): boolean {
  return refused.has(command) || warned.has(command);
}

/** Throws `config-invalid` for a command that needs the machine to be set up; tells the others. */
export function tellNotSetUp(command: string, tell: (line: string) => void): void {
  const error = notSetUpError();
  if (refused.has(command)) throw error;
  tell(`roamhome: ${error.message}. ${error.remedy}`);
}
