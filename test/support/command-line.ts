import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedMachine, type SimulatedMachine } from './simulated-machine.ts';
import { bundle } from './bundle.ts';

/** Roamhome's command line in a process of its own, on a machine whose zfs is the simulator's. */
export interface CommandLine {
  readonly machine: SimulatedMachine;
  readonly roamhome: (
    ...words: readonly string[]
  ) => Promise<{ readonly code: number; readonly out: string; readonly said: string }>;
  readonly remove: () => void;
}

export async function createCommandLine(name: string): Promise<CommandLine> {
  const [zfs, program] = await Promise.all([bundle('simulator/main.ts'), bundle('cli/run.ts')]);
  const directory = mkdtempSync(join(tmpdir(), 'roamhome-cli-'));
  chmodSync(directory, 0o755);
  const machine = createSimulatedMachine(name, directory, zfs.path);
  // The command line gives its programs no variable of its own.
  const script = join(directory, 'bin/zfs');
  const text = readFileSync(script, 'utf8');
  const state = `process.env.ROAMHOME_SIMULATOR = ${JSON.stringify(join(directory, 'state'))};`;
  writeFileSync(script, text.replace('\n', `\n${state}\n`));
  return {
    machine,
    roamhome: async (...words) => {
      const settings = [
        ...[`zfsPath=${join(directory, 'bin')}`, `local.homeBase=${machine.folder('/Users')}`],
        ...[`local.stateDir=${machine.folder('/run')}`, `log.file=${join(directory, 'log')}`],
      ].flatMap((setting) => ['--set', setting]);
      const main = `import { run } from ${JSON.stringify(program.path)}; await run(process.argv.slice(1));`;
      const args = ['--input-type=module', '-e', main, '--', ...words, ...settings];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, said] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      const [code] = (await once(child, 'close')) as [number];
      return { code, out, said };
    },
    remove: () => {
      zfs.remove();
      program.remove();
      rmSync(directory, { recursive: true });
    },
  };
}
