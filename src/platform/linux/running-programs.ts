import { readdirSync } from 'node:fs';
import { systemProcessControl, type ProcessControl } from '../end-processes.ts';
import type { RunningProgram, RunningPrograms } from '../running-program.ts';
import { readProcessStart, listProcesses, parseStartTicks, parseStatus, readProc } from './proc.ts';

/** USER_HZ of every Linux: what /proc tells times in (proc(5)). */
const ticksPerSecond = 100;

const [pollMs, patienceMs] = [50, 5000];

/** The programs of this machine, seen in /proc. Kernel threads, which have no words, are left out. */
export function createRunningPrograms(
  control: Pick<ProcessControl, 'kill' | 'now' | 'wait'> = systemProcessControl(listProcesses),
): RunningPrograms {
  return {
    list: () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => readProgram(Number(name)) ?? []),
    async end(program, signal) {
      for (const name of ['SIGTERM', 'SIGKILL'] as const) {
        // Its number may be another's by now.
        if (!isStill(program)) return name === 'SIGKILL';
        control.kill(program.pid, name);
        const until = control.now() + patienceMs;
        while (control.now() < until) {
          if (!isStill(program)) return true;
          await control.wait(pollMs, signal);
        }
      }
      return !isStill(program);
    },
  };
}

function isStill({ pid, start }: RunningProgram): boolean {
  return readProcessStart(pid) === start;
}

/** Null where it has ended, or where another got its number while this was read. */
function readProgram(pid: number): RunningProgram | null {
  const start = readProcessStart(pid);
  const status = readProc(`/proc/${pid}/status`);
  const words = readProc(`/proc/${pid}/cmdline`);
  const stat = readProc(`/proc/${pid}/stat`);
  const up = Number(readProc('/proc/uptime')?.split(' ')[0]);
  if (start === null || status === null || words === null || words === '' || stat === null) return null;
  const [entry, ticks] = [parseStatus(status, pid), parseStartTicks(stat, pid)];
  if (entry === null || ticks === null || readProcessStart(pid) !== start) return null;
  const ageMs = Math.max(0, Math.round((up - Number(ticks) / ticksPerSecond) * 1000));
  return { pid, uid: entry.uid, start, ageMs, argv: words.replace(/\0$/, '').split('\0') };
}
