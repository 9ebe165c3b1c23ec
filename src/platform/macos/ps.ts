import type { Argv, CommandResult, Host } from '../../host/host.ts';
import { unexpectedResult } from '../command-error.ts';
import type { ProcessEntry } from '../process-list.ts';
import type { FindProcessStart } from '../process-start.ts';

const listArgv: Argv = ['ps', '-axo', 'pid=,ppid=,uid=,ruid=,stat='];

/** Reads `ps -axo pid=,ppid=,uid=,ruid=,stat=`, without zombies. Throws `command-failed`. */
export function parseProcesses(result: CommandResult): readonly ProcessEntry[] {
  if (result.exitCode !== 0) throw unexpectedResult(listArgv, result);
  return result.stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const [, pid, ppid, uid, realUid, state] =
        /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(-?\d+)\s+(\S+)\s*$/.exec(line) ?? [];
      if (state === undefined) throw unexpectedResult(listArgv, { ...result, stdout: line });
      const entry = { pid: Number(pid), ppid: Number(ppid), uid: Number(uid), realUid: Number(realUid) };
      return state.startsWith('Z') ? [] : [entry];
    });
}

/** Every living process of this Mac. */
export async function listProcesses(host: Host, signal?: AbortSignal): Promise<readonly ProcessEntry[]> {
  return parseProcesses(await host.run(listArgv, signal === undefined ? {} : { signal }));
}

/** The question when a process started. In UTC: a Mac that travels changes its time zone while processes run. */
function startArgv(pid: number): Argv {
  return ['env', 'TZ=UTC0', 'ps', '-o', 'stat=,lstart=', '-p', String(pid)];
}

/** Reads the answer to startArgv. Null when no such process lives. Throws `command-failed`. */
function parseStart(argv: Argv, result: CommandResult): string | null {
  const line = result.stdout.trim();
  // ps exits 1 and prints nothing when it has found no process.
  if (result.exitCode === 1 && line === '' && result.stderr.trim() === '') return null;
  const [, state, start] = /^(\S+)\s+(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/.exec(line) ?? [];
  if (result.exitCode !== 0 || state === undefined || start === undefined)
    throw unexpectedResult(argv, result);
  return state.startsWith('Z') ? null : start.replaceAll(/[^A-Za-z0-9]+/g, '_');
}

/** The start to the second; with the date, so that it holds across restarts. */
export function createFindMacosProcessStart(host: Host): FindProcessStart {
  return async (pid) => parseStart(startArgv(pid), await host.run(startArgv(pid)));
}
