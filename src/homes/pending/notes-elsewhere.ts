import { defaultsFor, type SystemKind } from '../../config/defaults.ts';
import type { Config } from '../../config/schema.ts';
import { createSpool, type PendingHome, type Spool } from './spool.ts';

/** The spool that the settings name; and the default one, in which a run notes while the setting is wrong; null: it is the same. */
export interface Spools {
  readonly own: Spool;
  readonly fallback: Spool | null;
}

export function spoolsOf({ local }: Pick<Config, 'local'>, kind: SystemKind): Spools {
  const { spoolDir } = defaultsFor(kind, '').local;
  return {
    own: createSpool(local.spoolDir),
    fallback: spoolDir === local.spoolDir ? null : createSpool(spoolDir),
  };
}

/** What waits, wherever it is noted; of a home that is noted twice, what its own note says. In the order of their names. */
export async function listAll({ own, fallback }: Spools): Promise<readonly PendingHome[]> {
  const noted = new Map<string, PendingHome>();
  for (const home of [...((await fallback?.list()) ?? []), ...(await own.list())]) noted.set(home.user, home);
  return [...noted.values()].sort((a, b) => (a.user < b.user ? -1 : 1));
}

/** Takes over what was noted while the setting was wrong: from now on it is known where every run looks. */
export async function adoptNotes({ own, fallback }: Spools, now: Date): Promise<void> {
  for (const { user, since, lacks } of (await fallback?.list()) ?? []) {
    const noted = since ?? now.toISOString();
    if (lacks === null) await own.add(user, noted);
    else await own.addLacking(user, noted, lacks);
    await fallback?.remove(user);
  }
}
