import { RoamhomeError } from '../errors/errors.ts';
import type { Argv } from '../host/host.ts';
import { shellWord } from '../host/shell-word.ts';
import { unexpectedResult } from '../platform/command-error.ts';
import type { Machine } from './machine.ts';
import { alreadySo, toDo, type Task } from './task.ts';

/**
 * The jobs and hooks, by `roamhome install` of the machine itself: what they run is the Roamhome that is there. Without one
 * they are left to a person.
 */
export function installTask(
  machine: Machine,
  {
    title,
    words,
    local,
  }: { readonly title: string; readonly words: readonly string[]; readonly local: Argv },
): Task {
  return {
    title,
    machine,
    look: async (signal) => {
      const program: Argv | null = machine.isRemote ? await findProgram(machine, signal) : local;
      const shown = ['roamhome', 'install', ...words].join(' ');
      if (program === null)
        return {
          ...alreadySo,
          left: [
            `${machine.name} has no Roamhome yet: unpack roamhome.tgz there (README), then run there: ${shown}`,
          ],
        };
      const [name, ...rest] = program;
      const argv: Argv = [name, ...rest, 'install', ...words];
      const tried = await machine.host.run([name, ...rest, 'install', ...words, '--dry-run'], { signal });
      if (tried.exitCode !== 0)
        throw unexpectedResult(argv, tried, `Run it by hand there: ${shown} --dry-run`);
      const lines = tried.stdout.trimEnd().split('\n');
      if (lines[0]?.startsWith('nothing to do') === true) return alreadySo;
      return toDo({
        kind: 'call',
        does: `set up the jobs with ${shown}`,
        lines: [argv.map(shellWord).join(' '), ...lines.map((line) => `  ${line}`)],
        call: async (abort) => {
          const result = await machine.host.run(argv, { signal: abort });
          if (result.exitCode !== 0) throw installFailed(machine, result.stderr);
        },
      });
    },
  };
}

async function findProgram(machine: Machine, signal: AbortSignal): Promise<Argv | null> {
  const { stdout } = await machine.host.run(['sh', '-c', 'command -v roamhome'], { signal });
  const path = stdout.trim();
  return path.startsWith('/') ? [path] : null;
}

function installFailed(machine: Machine, said: string): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `roamhome install failed on ${machine.name}: ${said.trim().replaceAll(/\s+/g, ' ').slice(0, 300)}`,
    remedy: 'See to what it says, and run this again: it goes on where it stopped.',
  });
}
