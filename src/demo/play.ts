import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { abortAtSignal } from '../cli/framework/abort-at-signal.ts';
import { isRoamhomeError } from '../errors/errors.ts';
import { exitCodeOf } from '../errors/exit-codes.ts';
import { Cleanup } from './cleanup.ts';
import { openPlayground, type MachineName, type Playground, type Programs } from './playground.ts';

export { openPlayground } from './playground.ts';

/** How a shell of the playground ends when its user wants something of the playground; any other end is the playground's. */
const wishes: ReadonlyMap<number, MachineName | 'away' | 'back'> = new Map([
  [201, 'mac-a'],
  [202, 'mac-b'],
  [203, 'server'],
  [204, 'away'],
  [205, 'back'],
]);

const welcome = `Three machines on a simulator of ZFS: mac-a, mac-b and server. You are root on mac-a.
The users alice and bob have an account. alice has a home on the server.

  mac-a, mac-b, server     go to that machine
  as alice COMMAND         run a command as alice
  away, back               cut the server off from the Macs, and bring it back
  exit                     end the playground, and remove all of it

Try:  roamhome login alice
`;

/** Gives a person the prompts of the playground, until `exit`. Sets process.exitCode. */
export async function main(programs: Programs): Promise<void> {
  const { signal, forget } = abortAtSignal();
  const cleanup = new Cleanup();
  try {
    const playground = await openPlayground(programs, cleanup);
    process.stdout.write(welcome);
    await followShells(playground, signal);
  } catch (error) {
    process.stderr.write(
      `playground: ${isRoamhomeError(error) ? `${error.message}. ${error.remedy}` : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = exitCodeOf(error);
  } finally {
    for (const line of await cleanup.run()) {
      process.stderr.write(`playground: ${line}\n`);
      process.exitCode ??= 1;
    }
    forget();
  }
}

async function followShells(playground: Playground, signal: AbortSignal): Promise<void> {
  for (let machine: MachineName = 'mac-a'; !signal.aborted;) {
    const wish = wishes.get(await shell(playground, machine));
    if (wish === undefined) return;
    if (wish === 'away' || wish === 'back') playground.setServerAway(wish === 'away');
    else machine = wish;
  }
}

async function shell({ inside, directory }: Playground, machine: MachineName): Promise<number> {
  const rc = `${directory}/bashrc-${machine}`;
  writeFileSync(
    rc,
    [
      `PS1='${machine}# '`,
      ...[...wishes].map(([code, wish]) => `${wish}() { builtin exit ${code}; }`),
      '',
    ].join('\n'),
  );
  const [program = '', ...words] = [
    ...inside(machine),
    // Without a terminal there are no prompts: bash reads the file by its other way.
    ...(process.stdin.isTTY ? ['bash', '--noprofile', '--rcfile', rc, '-i'] : [`BASH_ENV=${rc}`, 'bash']),
  ];
  const child = spawn(program, words, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 0;
}
