import { ENOENT, thinningProgram } from '../../zfs/thinning-program.ts';
import { usageError, ZfsFailure } from '../failure.ts';
import { clonesOf, findBookmark, findSnapshot, nextTxg, type Machine } from '../machine.ts';
import { poolOf, type Snapshot } from '../model.ts';
import { parseWords } from '../options.ts';
import type { InputSession, Transact } from '../stream/receive.ts';
import { destroySnapshot, receivingClone } from '../removal.ts';

const EBUSY = 16;
const EEXIST = 17;
/** ZFS_ERR_BOOKMARK_SOURCE_NOT_ANCESTOR (include/sys/fs/zfs.h). */
const notAncestor = 1039;

/**
 * zfs program -j POOL - ARGUMENT... : a channel program from its input. The model has no Lua: it knows the one program that
 * thins by its text, and refuses every other.
 */
export class ProgramSession implements InputSession {
  readonly #transact: Transact;
  readonly #pool: string;
  readonly #arguments: readonly string[];
  readonly #input: Buffer[] = [];
  #over = false;

  /** Throws what zfs says before it reads. */
  constructor(transact: Transact, words: readonly string[]) {
    const options = parseWords('program', words, 'nt:m:j');
    const [pool, file, ...rest] = options.rest;
    if (pool === undefined || file === undefined) throw usageError('invalid number of arguments', 'program');
    if (file !== '-') throw new ZfsFailure(`cannot open '${file}': No such file or directory`);
    if (!options.has('j') || ['n', 't', 'm'].some((letter) => options.has(letter)))
      throw new ZfsFailure('the simulator runs channel programs with -j alone');
    this.#transact = transact;
    this.#pool = pool;
    this.#arguments = rest;
    transact(({ machine }) => {
      if (!machine.pools.has(pool))
        throw new ZfsFailure(`cannot open '${pool}': no such pool\ncannot open pool '${pool}'`);
    });
  }

  isOver(): boolean {
    return this.#over;
  }

  write(chunk: Buffer): void {
    this.#input.push(chunk);
  }

  end(): void {
    this.#over = true;
    const program = Buffer.concat(this.#input).toString();
    this.#transact(({ machine, user, out }) => {
      const failed = 'Channel program execution failed:\n';
      if (user !== 'root')
        throw new ZfsFailure(`${failed}Permission denied. Channel programs must be run as root.`);
      if (program !== thinningProgram)
        throw new ZfsFailure(`${failed}the simulator knows no program but that which thins`);
      nextTxg(machine, this.#pool);
      const [dataset = '', ...names] = this.#arguments;
      const results: number[] = [];
      for (let i = 0; i < names.length; i += 2) {
        const [snapshot = '', bookmark = ''] = names.slice(i, i + 2);
        results.push(
          thin(machine, this.#pool, dataset + snapshot, bookmark === '-' ? null : dataset + bookmark),
        );
      }
      out(JSON.stringify({ return: results.join(' ') }));
    });
  }

  interrupt(): void {
    this.#over = true;
  }
}

function thin(machine: Machine, pool: string, name: string, bookmark: string | null): number {
  const snapshot = poolOf(name) === pool ? findSnapshot(machine, name) : undefined;
  const unwilling = snapshot === undefined ? 0 : checkDestroy(machine, snapshot);
  if (unwilling !== 0) return unwilling;
  const unmade = bookmark === null ? 0 : makeBookmark(machine, pool, name, bookmark);
  if (unmade !== 0) return unmade;
  // One that is not there counts as destroyed (dsl_destroy_snapshot_check, module/zfs/dsl_destroy.c).
  if (snapshot !== undefined) destroySnapshot(snapshot);
  return 0;
}

function checkDestroy(machine: Machine, snapshot: Snapshot): number {
  if (snapshot.holds.size > 0) return EBUSY;
  return clonesOf(machine, snapshot).length > 0 || receivingClone(snapshot).length > 0 ? EEXIST : 0;
}

/** In the order of dsl_bookmark_create_check_impl (module/zfs/dsl_bookmark.c): the new one's dataset and name come first. */
function makeBookmark(machine: Machine, pool: string, source: string, name: string): number {
  const dataset = machine.datasets.get(name.slice(0, name.indexOf('#')));
  if (dataset === undefined || poolOf(dataset.name) !== pool) return ENOENT;
  if (findBookmark(machine, name) !== undefined) return EEXIST;
  const snapshot = findSnapshot(machine, source);
  if (snapshot === undefined) return ENOENT;
  if (snapshot.dataset !== dataset) return notAncestor;
  const { guid, createtxg, creation, ivset, tree } = snapshot;
  dataset.bookmarks.push({
    short: name.slice(name.indexOf('#') + 1),
    guid,
    createtxg,
    creation,
    ivset,
    tree,
  });
  return 0;
}
