import type { RoamhomeError } from '../../errors/errors.ts';
import { isAtOrAbove } from './excluded-folders.ts';
import { followWay, type Way } from './follow-way.ts';
import { mountProven, requireProven } from './mount-proven.ts';
import { placeBlocked } from './place-blocked.ts';
import {
  mount,
  mountReadOnly,
  remountReadOnly,
  remountWritable,
  unmount,
} from '../../zfs/commands/change.ts';
import type { Account } from '../../platform/platform.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { guardOf } from './session-guard.ts';
import type { Findings } from '../report.ts';
import type { Session } from '../session.ts';
import { tidyAfter } from './tidy-after.ts';

/** A dataset that is to be mounted in a home. */
export interface Inside {
  readonly name: DatasetName;
  /** Where in the home. */
  readonly path: string;
  /** It may be mounted over what the home has there. */
  readonly mayHide: boolean;
  /**
   * What has to be done before, while the home cannot be changed and the way is proved. Returns why it is left unmounted; null: it
   * may be mounted.
   */
  prepare(): Promise<string | null>;
}

/**
 * Mounts datasets in a home that is mounted read-only at its place, those above first, and makes all of it writable in the end. Nobody can change
 * the way to a place while it is looked at and mounted on. One that cannot be mounted is told, and stops no other (ADR 31).
 */
export async function mountInside(
  session: Session,
  inside: readonly Inside[],
  findings: Findings,
): Promise<void> {
  const run = new InsideMounts(session, 'write', inside, findings);
  const tidy = (): Promise<void> => run.makeWritable();
  await tidyAfter(
    () => run.mountAll(),
    tidy,
    (error) => {
      findings.problem(error);
    },
  );
}

/** The same of a home that is only read: all of it stays read-only, and what has no directory is left out. */
export async function mountInsideToRead(
  session: Session,
  inside: readonly Inside[],
  findings: Findings,
): Promise<void> {
  await new InsideMounts(session, 'read', inside, findings).mountAll();
}

class InsideMounts {
  readonly #session: Session;
  readonly #access: 'read' | 'write';
  readonly #inside: readonly Inside[];
  readonly #findings: Findings;
  /** By path. */
  readonly #mounted = new Map<string, DatasetName>();
  readonly #left = new Set<string>();
  /** In the order of mounting. */
  readonly #readOnly: DatasetName[];

  constructor(session: Session, access: 'read' | 'write', inside: readonly Inside[], findings: Findings) {
    this.#session = session;
    this.#access = access;
    this.#inside = [...inside].sort((a, b) => (a.path < b.path ? -1 : 1));
    this.#findings = findings;
    this.#readOnly = [session.localHome];
  }

  async mountAll(): Promise<void> {
    let waiting = await this.#mountThoseThere(this.#inside);
    // In one that was made another may lie; each is tried once.
    const tried = new Set<Inside>();
    while (this.#access === 'write' && waiting.some((each) => !tried.has(each))) {
      const now = outermost(waiting).filter((each) => !tried.has(each));
      if (now.length === 0 || !(await this.#makePlaces(now))) break;
      for (const each of now) tried.add(each);
      waiting = await this.#mountThoseThere(waiting);
    }
    for (const each of waiting) this.#leave(each, this.#blocked(each, 'the home has no such directory'));
  }

  /** Returns those that have no directory yet, or lie in one of these. */
  async #mountThoseThere(some: readonly Inside[]): Promise<readonly Inside[]> {
    const missing: Inside[] = [];
    for (const each of some) {
      if (this.#left.has(each.path)) continue;
      if (missing.some(({ path }) => isAtOrAbove(path, each.path))) missing.push(each);
      else if ([...this.#left].some((path) => isAtOrAbove(path, each.path)))
        this.#leave(each, this.#blocked(each, 'what it lies in is not mounted'));
      else if ((await this.#wayTo(each)).kind === 'missing') missing.push(each);
      else await this.#mount(each);
    }
    return missing;
  }

  #wayTo({ path }: Inside): Promise<Way> {
    const { files, mountpoint: top } = this.#session;
    return followWay(files, { top, path, mounted: new Set(this.#mounted.keys()) });
  }

  async #mount(each: Inside): Promise<void> {
    const { local, localHome: home, mountpoint: top, signal } = this.#session;
    const { name, path } = each;
    const isAbove = this.#inside.some((one) => one !== each && isAtOrAbove(path, one.path));
    const isReadOnly = this.#access === 'read' || isAbove;
    const wanted = { ...each, dataset: name, home, top, mounted: new Set(this.#mounted.keys()) };
    try {
      await requireProven(guardOf(this.#session), wanted);
      const why = await each.prepare();
      if (why !== null) {
        this.#left.add(path);
        this.#findings.warn(why);
        return;
      }
      const command = isReadOnly ? mountReadOnly(name) : mount(name);
      await mountProven(local, guardOf(this.#session), wanted, command, { signal });
      this.#mounted.set(path, name);
      if (isReadOnly) this.#readOnly.push(name);
    } catch (error) {
      this.#leave(each, error);
    }
  }

  #blocked({ name, path }: Inside, why: string): RoamhomeError {
    return placeBlocked(`${this.#session.mountpoint}/${path}`, why, name);
  }

  #leave({ path }: Inside, why: unknown): void {
    this.#left.add(path);
    this.#findings.problem(why);
  }

  /**
   * Makes what is missing on the way to places, with the user's rights: the home is writable meanwhile, and what they put in the way leads
   * nowhere else. False: it is not read-only any more, so that nothing else may be mounted.
   */
  async #makePlaces(missing: readonly Inside[]): Promise<boolean> {
    const { local, platform, user, signal } = this.#session;
    const account = await platform.findAccount(user);
    if (account === null) return false;
    const holders = [...new Set(missing.map(({ path }) => this.#holderOf(path)))];
    for (const name of holders) await local.run(remountWritable(name), { signal });
    for (const each of missing) {
      await this.#makePlace(each, account).catch((error: unknown) => {
        this.#leave(each, error);
      });
    }
    const isAgain = await this.#findings.attempt(async () => {
      for (const name of holders) await local.run(remountReadOnly(name), { signal });
      return true;
    });
    return isAgain === true;
  }

  async #makePlace(each: Inside, account: Account): Promise<void> {
    const { folders, signal } = this.#session;
    const way = await this.#wayTo(each);
    if (way.kind !== 'missing') return;
    let at = way.below;
    for (const name of way.names) {
      at = `${at}/${name}`;
      await folders.makeDirectory(at, account, signal);
    }
  }

  #holderOf(path: string): DatasetName {
    const above = [...this.#mounted.keys()].filter((each) => isAtOrAbove(each, path)).sort();
    return this.#mounted.get(above.at(-1) ?? '') ?? this.#session.localHome;
  }

  /**
   * Those below first, and the home last: then it is as it should be. A home that cannot be remounted is mounted anew, with nothing in it: its
   * user has to be able to save.
   */
  async makeWritable(): Promise<void> {
    const { local, localHome } = this.#session;
    const below = this.#readOnly.filter((name) => name !== localHome);
    for (const name of below.reverse()) await this.#findings.attempt(() => local.run(remountWritable(name)));
    const isWritable = await this.#findings.attempt(async () => {
      await local.run(remountWritable(localHome));
      return true;
    });
    if (isWritable === true) return;
    await local.run(unmount(localHome, { force: false }));
    await local.run(mount(localHome));
  }
}

/** Those that lie in none of the others. Pure. */
function outermost(some: readonly Inside[]): readonly Inside[] {
  return some.filter((each) => !some.some((one) => one !== each && isAtOrAbove(one.path, each.path)));
}
