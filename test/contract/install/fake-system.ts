import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { InstallPlace } from '../../../src/wire/install.ts';
import { bundle } from '../../support/bundle.ts';

const repository = resolve(import.meta.dirname, '../../..');
const fakes = join(import.meta.dirname, 'fakes');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** A machine below a directory: its files, and programs that stand for those of the system and keep their state in a folder. */
export interface FakeSystem {
  readonly root: string;
  /** The real place of a path of the machine. */
  at(path: string): string;
  /** A file of the fakes' state; what it holds, '' when there is none. */
  state(path: string): string;
  setState(path: string, text: string): void;
  /** The commands that the fakes were called with since the last call of this. */
  calls(): readonly string[];
  /** Runs roamhome with nothing in the environment. */
  roamhome(...words: readonly string[]): Promise<Ended>;
  /** The same, without awaiting its end. To be ended by the caller. */
  start(...words: readonly string[]): ChildProcess;
  /** Every file and directory with its mode, owner and text, by path; without the fakes' own. */
  tree(): Readonly<Record<string, string>>;
  /** Unpacks another version over the one that is there. */
  upgrade(version: string): void;
  /** How the jobs and hooks called the program: its arguments, a line each. */
  programCalls(): readonly string[];
  remove(): void;
}

/** What a fake system runs, as one file; `remove` deletes it. */
export function bundleProgram(): ReturnType<typeof bundle> {
  return bundle(
    'cli/run.ts',
    'cli/install/command.ts',
    'cli/watch-console/command.ts',
    'cli/doctor/command.ts',
  );
}

/** Makes one. `kind`: whose programs it has; `program`: the path of bundleProgram's. */
export function createFakeSystem(kind: 'macos' | 'linux', program: string): FakeSystem {
  const root = mkdtempSync(join(tmpdir(), 'roamhome-install-'));
  chmodSync(root, 0o755);
  const at = (path: string): string => join(root, path);
  const state = at('fake/state');
  mkdirSync(state, { recursive: true });
  // A fake finds its state by the directory that it is in: its environment is what roamhome gives it.
  cpSync(join(fakes, kind), at('fake/bin'), { recursive: true });
  for (const name of readdirSync(at('fake/bin'))) chmodSync(at(`fake/bin/${name}`), 0o755);
  for (const path of kind === 'macos' ? ['Library/LaunchDaemons', 'etc/newsyslog.d'] : ['etc/systemd/system'])
    mkdirSync(at(path), { recursive: true });

  const lib = 'usr/local/lib/roamhome';
  for (const folder of ['hooks', 'launchd', 'systemd', 'xdg'])
    cpSync(join(repository, folder), at(`${lib}/${folder}`), { recursive: true });
  mkdirSync(at(`${lib}/dist`));
  const called = join(state, 'program-calls');
  writeFileSync(
    at(`${lib}/dist/main.js`),
    `require('fs').appendFileSync(${JSON.stringify(called)}, process.argv.slice(2).join(' ') + '\\n');\n`,
  );
  const place: InstallPlace = {
    kind,
    root,
    path: [at('fake/bin'), '/usr/bin', '/bin'],
    node: process.execPath,
    program: at(`${lib}/dist/main.js`),
    pauseMs: 20,
  };
  const main = at('fake/main.mjs');
  const upgrade = (version: string): void => {
    writeFileSync(
      main,
      `globalThis.ROAMHOME_VERSION = ${JSON.stringify(version)};
const { run, installAt, uninstallAt, watchConsoleAt, doctorAt } = await import(${JSON.stringify(program)});
const place = ${JSON.stringify(place)};
await run(process.argv.slice(2), [installAt(place), uninstallAt(place), watchConsoleAt(place), doctorAt(place)]);
`,
    );
  };
  upgrade('1.0.0');

  const start = (...words: readonly string[]): ChildProcess =>
    spawn('/usr/bin/env', ['-i', process.execPath, main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stateText = (path: string): string =>
    existsSync(join(state, path)) ? readFileSync(join(state, path), 'utf8') : '';

  return {
    root,
    at,
    state: stateText,
    setState: (path, text) => {
      mkdirSync(resolve(state, path, '..'), { recursive: true });
      // At once: a fake that runs meanwhile is not to find it empty.
      writeFileSync(at('fake/new-state'), text);
      renameSync(at('fake/new-state'), join(state, path));
    },
    calls: () => {
      const lines = stateText('calls').split('\n').slice(0, -1);
      rmSync(join(state, 'calls'), { force: true });
      return lines.map((line) => line.replaceAll(root, ''));
    },
    roamhome: async (...words) => {
      const child = start(...words);
      let [out, said] = ['', ''];
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out: out.replaceAll(root, ''), said: said.replaceAll(root, '') };
    },
    start,
    tree: () => Object.fromEntries(walk(root, '')),
    upgrade,
    programCalls: () => stateText('program-calls').split('\n').slice(0, -1),
    remove: () => {
      rmSync(root, { recursive: true });
    },
  };
}

function* walk(root: string, below: string): Generator<[string, string]> {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = `${below}/${name}`;
    if (path === '/fake' || path === '/usr') continue;
    const { mode, uid, gid } = lstatSync(join(root, path));
    const what = `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
    if ((mode & 0o170000) === 0o040000) {
      yield [`${path}/`, what];
      yield* walk(root, path);
    } else yield [path, `${what}\n${readFileSync(join(root, path), 'utf8').replaceAll(root, '')}`];
  }
}
