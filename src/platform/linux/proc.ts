import { readdirSync, readFileSync } from 'node:fs';
import { RoamhomeError } from '../../errors/errors.ts';
import type { ProcessEntry } from '../process-list.ts';
import type { FindProcessStart } from '../process-start.ts';

function notUnderstood(path: string, text: string): RoamhomeError {
  return new RoamhomeError({
    code: 'command-failed',
    message: `${path} is not understood: ${JSON.stringify(text.slice(0, 100))}`,
    remedy: 'Report this: /proc of this kernel differs from what Roamhome knows.',
  });
}

/** Reads /proc/PID/status (proc(5)). Null for a zombie. Throws `command-failed`. */
export function parseStatus(text: string, pid: number): ProcessEntry | null {
  const state = /^State:\t(\w)/m.exec(text)?.[1];
  const ppid = /^PPid:\t(\d+)$/m.exec(text)?.[1];
  // Uid: real, effective, saved, file system.
  const uids = /^Uid:\t(\d+)\t(\d+)\t/m.exec(text);
  if (state === undefined || ppid === undefined || uids === null)
    throw notUnderstood(`/proc/${pid}/status`, text);
  if (state === 'Z' || state === 'X') return null;
  return { pid, ppid: Number(ppid), uid: Number(uids[2]), realUid: Number(uids[1]) };
}

/** Reads /proc/PID/stat (proc(5)): the start in clock ticks since boot. Null for a zombie. Throws `command-failed`. */
export function parseStartTicks(text: string, pid: number): string | null {
  // The second field is the name in parentheses; it may itself hold spaces and parentheses.
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  // Here fields[0] is the third field, the state; the start time is the twenty-second.
  const [state, ticks] = [fields[0], fields[19]];
  if (!text.includes(')') || ticks === undefined || !/^\d+$/.test(ticks)) {
    throw notUnderstood(`/proc/${pid}/stat`, text);
  }
  return state === 'Z' || state === 'X' ? null : ticks;
}

/**
 * The file's text, or null when the process has ended: ENOENT at open, ESRCH while reading. At once: the kernel makes
 * these files up in memory, and a turn of the thread pool for each would take longer than all of them.
 */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

/** Every living process of this machine. */
export function listProcesses(): readonly ProcessEntry[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const text = readProc(`/proc/${pid}/status`);
    return (text === null ? null : parseStatus(text, Number(pid))) ?? [];
  });
}

/** As `FindProcessStart`, at once: the start in ticks since boot, with the boot's id: ticks of two boots can be equal. */
export function readProcessStart(pid: number): string | null {
  const text = readProc(`/proc/${pid}/stat`);
  const ticks = text === null ? null : parseStartTicks(text, pid);
  if (ticks === null) return null;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.replaceAll(/[^0-9a-f]/g, '').slice(0, 12)}.${ticks}`;
}

/** The same, as other systems answer. */
export const findLinuxProcessStart: FindProcessStart = (pid) => readProcessStart(pid);
