import { collectOutput } from '../../../src/host/collect-output.ts';
import type { Argv } from '../../../src/host/host.ts';
import {
  drainPool,
  fillPool,
  mountedFiles,
  setInUse,
  syncPools,
} from '../../../src/simulator/files/files.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { createMachine, type Machine } from '../../../src/simulator/machine.ts';
import { nativeValue } from '../../../src/simulator/mounting.ts';
import type { Case } from './cases.ts';
import { Names, normalise, type Normal } from './normalise.ts';
import { parseStep, type Command, type Printed, type Step } from './steps.ts';

/** A file-backed pool keeps this much of itself (OpenZFS's slop space and labels, at 64 MiB). */
const usableShare = 0.45;

/** Runs a case on a machine of its own. */
export async function runSimulated({ steps, pool, mebibytes = 256 }: Case): Promise<readonly Normal[]> {
  const machine = createMachine({
    pools: ['tank'],
    poolBytes: mebibytes * 2 ** 20 * usableShare,
    missingFeatures:
      pool === 'old' ? ['extensible_dataset', 'large_blocks', 'embedded_data', 'lz4_compress'] : [],
  });
  // As the guest's.
  machine.datasets.get('tank')?.properties.set('atime', { value: 'off', source: 'local' });
  const found: Normal[] = [];
  const names = new Names();
  for (const line of steps) {
    const step = parseStep(line);
    // As the guest does, so that what was written shows.
    syncPools(machine);
    found.push(...normalise(names, line, step, await runStep(machine, step)));
  }
  return found;
}

function hostOf(machine: Machine, { user }: Command): SimulatedHost {
  return createSimulatedHost({ name: 'here', machine, user });
}

async function argvOf(machine: Machine, { words }: Command): Promise<Argv> {
  return ['zfs', ...(await Promise.all(words.map((word) => withToken(machine, word))))];
}

async function withToken(machine: Machine, word: string): Promise<string> {
  const dataset = /^TOKEN\((.+)\)$/.exec(word)?.[1];
  if (dataset === undefined) return word;
  const host = createSimulatedHost({ name: 'here', machine });
  const { stdout } = await host.run(['zfs', 'get', '-Hpo', 'value', 'receive_resume_token', dataset]);
  return stdout.trim();
}

async function runStep(machine: Machine, step: Step): Promise<readonly Printed[]> {
  switch (step.kind) {
    case 'edit':
      if (!changeMachine(machine, step.words)) edit(machine, step.words);
      return [];
    case 'zfs': {
      const [host, argv] = [hostOf(machine, step.command), await argvOf(machine, step.command)];
      const { input } = step.command;
      const { stdout, stderr, exitCode } =
        input === '' ? await host.run(argv) : await collectOutput(await host.stream(argv), argv, input);
      return [{ stdout, stderr, exit: exitCode }];
    }
    case 'pipe':
      return runPipe(machine, step);
  }
}

async function runPipe(machine: Machine, step: Step & { kind: 'pipe' }): Promise<readonly Printed[]> {
  const sender = await hostOf(machine, step.send).stream(await argvOf(machine, step.send));
  const receiver = await hostOf(machine, step.receive).stream(await argvOf(machine, step.receive));
  let left = step.cut ?? Infinity;
  let until = step.meanwhile?.bytes ?? Infinity;
  for await (const chunk of sender.stdout as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    // A receiver that has ended takes the rest to nowhere, as a pipe with a reader behind it.
    await new Promise<void>((resolve) => {
      receiver.stdin.write(part, () => {
        resolve();
      });
    });
    if (left === 0) break;
    until -= part.length;
    if (until > 0 || step.meanwhile === null) continue;
    until = Infinity;
    const { command } = step.meanwhile;
    await hostOf(machine, command).run(await argvOf(machine, command));
  }
  receiver.stdin.end();
  const received: string[] = [];
  for await (const chunk of receiver.stdout as AsyncIterable<Buffer>) received.push(chunk.toString());
  const [sent, done] = [await sender.done, await receiver.done];
  return [
    { stdout: '', stderr: sent.stderr, exit: sent.exitCode },
    { stdout: received.join(''), stderr: done.stderr, exit: done.exitCode },
  ];
}

/** What a file is made of: any bytes will do. */
const filling = 'The quick brown fox jumps over the lazy dog. ';

/** What is done to the machine and not to a file; false: it is none of that. */
function changeMachine(machine: Machine, [what = '', about = '']: readonly string[]): boolean {
  switch (what) {
    case 'open':
      setInUse(machine, holderOf(machine, about).name, true, { evenByForce: true });
      return true;
    case 'close':
      machine.inUse.clear();
      return true;
    case 'fill':
      fillPool(machine, about);
      return true;
    case 'drain':
      drainPool(machine, about);
      return true;
    default:
      return false;
  }
}

function holderOf(machine: Machine, at: string): { readonly name: string; readonly folder: string } {
  const [found] = [...machine.datasets.values()]
    .filter((each) => each.mounted !== null)
    .map((dataset) => ({ name: dataset.name, folder: nativeValue(machine, dataset, 'mountpoint') }))
    .filter(({ folder }) => at.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length);
  if (found === undefined) throw new Error(`nothing is mounted at ${at}`);
  return found;
}

function edit(machine: Machine, [what = '', ...words]: readonly string[]): void {
  const at = words.find((word) => word.startsWith('/')) ?? '';
  const mounted = holderOf(machine, at);
  const files = mountedFiles(machine, mounted.name);
  const path = (word = ''): string => word.slice(mounted.folder.length + 1);
  const [first, second] = words;
  switch (what) {
    case 'write':
    case 'fsync': {
      const bytes = Number(second);
      files.write(path(first), filling.repeat(Math.ceil(bytes / filling.length)).slice(0, bytes));
      if (what === 'fsync') files.sync();
      return;
    }
    case 'mkdir':
      files.makeDirectory(path(first));
      return;
    case 'remove':
      files.remove(path(first));
      return;
    case 'rename':
      files.rename(path(first), path(second));
      return;
    case 'chmod':
      files.setMode(path(second), Number.parseInt(first ?? '', 8));
      return;
    default:
      throw new Error(`no such edit: ${what}`);
  }
}
