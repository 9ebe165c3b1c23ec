import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { isRoamhomeError } from '../../errors/errors.ts';
import type { Argv, Host } from '../../host/host.ts';
import type { Identity } from '../../host/local.ts';
import { pipeCommands } from '../../host/pipe-commands.ts';
import { failed as failure, firstLine } from './copy-failure.ts';
import { nameOf, type HomePath } from './file-tree.ts';
import { keepAside, putBack, type KeptAside } from './keep-aside.ts';
import { placedName, type CopyInto, type NotRestored, type RestorePlan } from './restore-plan.ts';
import { takeDirectory, type TakenDirectory } from './taken-directory.ts';
import { nameList, tarCommands } from '../../platform/tar.ts';

export interface CopyParts {
  readonly kind: 'macos' | 'linux';
  /** Reads the conflict: root. */
  readonly reader: Host;
  /** Writes into the target with the rights of its owner, who gains nothing by what they put in the way. */
  readonly writer: Host;
  /** Whose rights the writer has. */
  readonly owner: Identity;
  readonly signal: AbortSignal;
}

export interface Copied {
  readonly restored: readonly HomePath[];
  readonly failed: readonly NotRestored[];
  /** What was there before, and the name beside it that it has now. */
  readonly kept: readonly KeptAside[];
  /** What came to lie beside what is there, and the name that it has there. */
  readonly beside: readonly KeptAside[];
  /** Directories of copies that could not be removed. */
  readonly leftBehind: readonly string[];
}

/** Entries that were copied, but are not in their places yet. */
export interface Staged {
  readonly step: CopyInto;
  readonly stage: string;
}

/** Bytes of names that one command gets: well below what systems allow. */
const wordsBytes = 64 * 1024;

/**
 * Carries out a plan. First all is copied into directories of its own beside the places, then each entry is renamed
 * to its place, whole or not at all. What fails is told, and stops nothing else; but with no space left (throws
 * `no-space`) nothing at all takes its place.
 */
export async function copyEntries(plan: RestorePlan, parts: CopyParts): Promise<Copied> {
  const staged: Staged[] = [];
  const stages: string[] = [];
  const restored: HomePath[] = [];
  const failed: NotRestored[] = [];
  const kept: KeptAside[] = [];
  const beside: KeptAside[] = [];
  const leftBehind: string[] = [];
  const attempt = async (paths: readonly HomePath[], work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isRoamhomeError(error, 'command-failed')) throw error;
      failed.push(...paths.map((path) => ({ path, why: error.message })));
    }
  };
  try {
    for (const step of plan.steps) {
      await attempt(step.kind === 'make' ? [step.path] : step.paths, async () => {
        if (step.kind === 'make') {
          await must(parts.writer, ['mkdir', '-m', step.mode.toString(8), step.place], parts.signal);
          restored.push(step.path);
          return;
        }
        // Unpredictable, made anew, and on the file system of the place: a rename there is whole or not at all.
        const stage = `${step.into}/.roamhome-restore-${randomBytes(8).toString('hex')}`;
        await must(parts.writer, ['mkdir', '-m', '700', stage], parts.signal);
        stages.push(stage);
        await copyAside(step, stage, parts);
        for (const [name, as] of step.beside)
          await must(parts.writer, ['mv', '-n', `${stage}/${name}`, `${stage}/${as}`], parts.signal);
        staged.push({ step, stage });
      });
    }
    // On disk before it takes the place of anything.
    if (staged.length > 0) await must(parts.reader, ['sync'], parts.signal);
    // A signal stops between directories, not while something is on its way to its place.
    const whole = { ...parts, signal: new AbortController().signal };
    for (const one of staged) {
      parts.signal.throwIfAborted();
      await attempt(one.step.paths, async () => {
        const aside = await keepAside(one, whole);
        const left = await putInPlace({ ...one, paths: aside.ready }, whole);
        for (const path of aside.ready) {
          const name = placedName(one.step, path);
          const why = left.get(Buffer.from(name).toString('latin1'));
          if (why !== undefined) failed.push({ path, why });
          else restored.push(path);
          if (why === undefined && one.step.beside.size > 0) beside.push({ path, as: name });
        }
        failed.push(...aside.failed);
        kept.push(...(await putBack(aside.kept, { ...one, left }, whole)));
      });
    }
  } finally {
    for (const stage of stages) if (!(await removeStage(stage, parts.writer))) leftBehind.push(stage);
  }
  return { restored, failed, kept, beside, leftBehind };
}

/** Without a signal: an abort ends the work, not this. */
async function removeStage(stage: string, writer: Host): Promise<boolean> {
  if ((await writer.run(['rmdir', stage])).exitCode === 0) return true;
  // A copied directory may be read-only.
  await writer.run(['chmod', '-R', 'u+rwx', stage]);
  return (await writer.run(['rm', '-rf', stage])).exitCode === 0;
}

/**
 * Copies with all that the entries have. Only root can give a file the group, the owner or the attributes that it had, so
 * root writes where nobody can get in its way until it is done; where that cannot be had, the owner's rights must do.
 */
async function copyAside(step: CopyInto, stage: string, parts: CopyParts): Promise<void> {
  const taken = await takeDirectory(stage, parts.owner);
  if (taken === null) {
    await runTar(step, { host: parts.writer, stage }, parts);
    return;
  }
  try {
    await runTar(step, { host: parts.reader, stage: taken.path }, parts);
    await taken.giveBack();
  } catch (error) {
    // Its owner can remove it once it is empty, but not what is not theirs: what stays is told as left behind.
    await parts.reader.run(['find', `${taken.path}/`, '-mindepth', '1', '-delete']);
    await giveBackEmpty(taken);
    throw error;
  } finally {
    await taken.close();
  }
}

/** Where even that does not fit, it can still be removed: what it lies in is its owner's. */
async function giveBackEmpty(taken: TakenDirectory): Promise<void> {
  try {
    await taken.giveBack();
  } catch (error) {
    if (!isRoamhomeError(error, 'no-space', 'quota-exceeded')) throw error;
  }
}

async function runTar(
  step: CopyInto,
  into: { readonly host: Host; readonly stage: string },
  { kind, reader, signal }: CopyParts,
): Promise<void> {
  const { create, extract } = tarCommands(kind, step.from.toString(), into.stage);
  const ended = await pipeCommands(
    { host: reader, argv: create },
    { host: into.host, argv: extract },
    { input: nameList(step.paths.map(nameOf)), signal },
  );
  if (ended.into.exitCode !== 0) throw failure(extract, ended.into);
  if (ended.from.exitCode !== 0) throw failure(create, ended.from);
}

/** What did not get to its place, by its name, and why: never over what came there meanwhile. */
async function putInPlace(
  { step, stage, paths }: Staged & { readonly paths: readonly HomePath[] },
  { writer, signal }: CopyParts,
): Promise<ReadonlyMap<string, string>> {
  const said: string[] = [];
  for (const names of batches(paths.map((path) => placedName(step, path)))) {
    const words = names.map((name) => `${stage}/${name}`);
    const { stderr } = await writer.run(['mv', step.replace ? '-f' : '-n', ...words, `${step.into}/`], {
      signal,
    });
    if (stderr.trim() !== '') said.push(firstLine(stderr));
  }
  const left = await readdir(stage, { encoding: 'buffer' });
  const why = said[0] ?? 'something of this name has come there meanwhile';
  return new Map(left.map((name) => [name.toString('latin1'), why]));
}

/** The names in commands that systems take. Pure. */
function batches(names: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let bytes = Infinity;
  for (const name of names) {
    bytes += Buffer.byteLength(name) + 256;
    if (bytes > wordsBytes) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(name);
  }
  return all;
}

async function must(host: Host, argv: Argv, signal: AbortSignal): Promise<void> {
  const result = await host.run(argv, { signal });
  if (result.exitCode !== 0) throw failure(argv, result);
}
