import type { Argv, CommandResult } from '../../../src/host/host.ts';
import { createSimulatedHost, type SimulatedHost } from '../../../src/simulator/host.ts';
import { mountedFiles } from '../../../src/simulator/files/files.ts';
import { createMachine, type Machine, type MachineOptions } from '../../../src/simulator/machine.ts';

/** A machine with the pool `data`, guids that count up from 1001, and a host for root on it. */
export interface Bench {
  readonly machine: Machine;
  readonly host: SimulatedHost;
  /** Runs `zfs WORDS`; the words are separated by blanks. */
  readonly zfs: (words: string, user?: string) => Promise<CommandResult>;
  /** Runs it; fails the test unless it exits 0; gives stdout. */
  readonly ok: (words: string) => Promise<string>;
  readonly write: (dataset: string, path: string, content: string) => void;
}

export const argvOf = (words: string): Argv => ['zfs', ...words.split(' ')];

export function createBench(options: Partial<MachineOptions> = {}): Bench {
  let guid = 1000n;
  const machine = createMachine({
    pools: ['data'],
    random: () => (guid += 1n),
    now: () => 1_763_600_000_000,
    ...options,
  });
  const host = createSimulatedHost({ name: 'this Mac', machine });
  const zfs: Bench['zfs'] = (words, user) =>
    (user === undefined ? host : createSimulatedHost({ name: 'this Mac', machine, user })).run(argvOf(words));
  return {
    machine,
    host,
    zfs,
    ok: async (words) => {
      const { stdout, stderr, exitCode } = await zfs(words);
      if (exitCode !== 0) throw new Error(`zfs ${words}: exit ${exitCode ?? '?'}: ${stderr}`);
      return stdout;
    },
    write: (dataset, path, content) => {
      mountedFiles(machine, dataset).write(path, content);
    },
  };
}

/** Pipes one command into another, at most `bytes` of it, and gives how both ended. */
export async function pipe(
  from: SimulatedHost,
  send: string,
  to: SimulatedHost,
  receive: string,
  bytes = Infinity,
): Promise<{ readonly sent: CommandResult; readonly received: CommandResult }> {
  const sender = await from.stream(argvOf(send));
  const receiver = await to.stream(argvOf(receive));
  receiver.stdout.resume();
  let left = bytes;
  for await (const chunk of sender.stdout as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    const taken = await new Promise<boolean>((resolve) => {
      receiver.stdin.write(part, (error) => {
        resolve(error === null || error === undefined);
      });
    });
    if (!taken || left === 0) break;
  }
  receiver.stdin.end();
  return { sent: await sender.done, received: await receiver.done };
}
