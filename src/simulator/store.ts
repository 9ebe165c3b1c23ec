import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MountedFolders } from './files/folders.ts';
import { isAlive, underLock } from './lock.ts';
import { createMachine, type Machine, type MachineOptions } from './machine.ts';
import { leavePartial } from './stream/receive-end.ts';
import { loadMachine, saveMachine, type Contents, type SavedMachine } from './serialise.ts';

/** What a machine that is kept in a directory is made with. */
export interface StoreOptions extends Pick<MachineOptions, 'pools' | 'poolBytes' | 'missingFeatures'> {
  /** Mounted datasets are folders below this one. */
  readonly base: string;
  /** The OS user who may do all, besides root. */
  readonly superuser?: string;
}

/** A machine in a directory, one process at a time. */
export interface Store {
  /** The OS user who may do all, besides root; null: nobody else. */
  readonly superuser: string | null;
  /** Runs some work on the machine as it is now, with real files read before and written after. */
  transact<T>(work: (machine: Machine) => T): T;
}

interface Settings {
  readonly base: string;
  readonly superuser: string | null;
}

/** Contents of this many characters and more are files of their own. */
const inlineLimit = 200;

/** Makes the directory of a machine with empty pools. */
export function createStore(directory: string, options: StoreOptions): Store {
  for (const each of ['contents', 'partial']) {
    mkdirSync(join(directory, each), { recursive: true });
    chmodSync(join(directory, each), 0o777);
  }
  chmodSync(directory, 0o777);
  const settings: Settings = { base: options.base, superuser: options.superuser ?? null };
  writeFileSync(join(directory, 'settings.json'), JSON.stringify(settings));
  replaceFile(
    join(directory, 'state.json'),
    JSON.stringify(saveMachine(createMachine(options), contentsIn(directory))),
  );
  return openStore(directory);
}

/** Whole or not at all, and for every user: the zfs of another user goes on with it. */
function replaceFile(path: string, text: string): void {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, text);
  chmodSync(next, 0o666);
  renameSync(next, path);
}

function contentsIn(directory: string): Contents {
  const read = new Map<string, string>();
  return {
    put(content) {
      if (content.length < inlineLimit) return `=${content}`;
      const key = createHash('sha256').update(content, 'latin1').digest('hex');
      const path = join(directory, 'contents', key);
      if (!read.has(key) && !existsSync(path)) {
        writeFileSync(`${path}.${process.pid}`, content, 'latin1');
        renameSync(`${path}.${process.pid}`, path);
      }
      read.set(key, content);
      return key;
    },
    get(key) {
      if (key.startsWith('=')) return key.slice(1);
      const content = read.get(key) ?? readFileSync(join(directory, 'contents', key), 'latin1');
      read.set(key, content);
      return content;
    },
  };
}

/** What partial receives hold: a file each, which grows. */
class PartialFiles {
  readonly #directory: string;
  readonly #kept = new Map<string, number>();

  constructor(directory: string) {
    this.#directory = join(directory, 'partial');
  }

  load(id: string): Buffer[] {
    const path = join(this.#directory, id);
    const chunks = existsSync(path) ? [readFileSync(path)] : [];
    this.#kept.set(id, chunks.length);
    return chunks;
  }

  save(machine: Machine): void {
    const ids = new Set<string>();
    for (const { partial } of machine.datasets.values()) {
      if (partial === null) continue;
      ids.add(partial.id);
      const fresh = partial.chunks.slice(this.#kept.get(partial.id) ?? 0);
      if (fresh.length > 0)
        appendFileSync(join(this.#directory, partial.id), Buffer.concat(fresh), { mode: 0o666 });
    }
    for (const id of readdirSync(this.#directory))
      if (!ids.has(id)) rmSync(join(this.#directory, id), { force: true });
  }
}

/** The machine of a directory that createStore has made. */
export function openStore(directory: string): Store {
  const { base, superuser } = JSON.parse(readFileSync(join(directory, 'settings.json'), 'utf8')) as Settings;
  const statePath = join(directory, 'state.json');
  return {
    superuser,
    transact: (work) =>
      underLock(join(directory, 'lock'), () => {
        const contents = contentsIn(directory);
        const partials = new PartialFiles(directory);
        const before = readFileSync(statePath, 'utf8');
        const machine = loadMachine(JSON.parse(before) as SavedMachine, contents, (id) => partials.load(id));
        leaveDead(machine);
        const folders = new MountedFolders(base);
        folders.readBack(machine);
        try {
          return work(machine);
        } finally {
          folders.writeOut(machine);
          partials.save(machine);
          const after = JSON.stringify(saveMachine(machine, contents));
          if (after !== before) replaceFile(statePath, after);
        }
      }),
  };
}

/** Receives whose process has died without a word. An owner begins with its process's id. */
function leaveDead(machine: Machine): void {
  for (const dataset of [...machine.datasets.values()]) {
    const owner = dataset.partial?.owner ?? null;
    if (owner !== null && !isAlive(Number.parseInt(owner, 10))) leavePartial(machine, dataset);
  }
}
