import { statSync } from 'node:fs';
import { join } from 'node:path';
import { RoamhomeError } from '../../errors/errors.ts';
import { levels, worstOf } from '../../format/level.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { listAll, spoolsOf } from '../../homes/pending/notes-elsewhere.ts';
import { collectStatus } from '../../homes/status/collect.ts';
import { remarksOn } from '../../homes/status/judge.ts';
import { judgeMacs } from '../../homes/status/seen-macs.ts';
import { prometheusText } from '../../homes/status/prometheus.ts';
import { contentsFile } from '../../homes/tending/memory-file.ts';
import { logObserver, wireServer } from '../../wire/session.ts';
import { parseDatasetName, parseUserName } from '../../zfs/names.ts';
import { createSyncZfs } from '../../zfs/sync-zfs.ts';
import type { CliContext, GlobalOptions } from '../framework/context.ts';
import { roleHere } from '../framework/demand-side.ts';
import { loadCliConfig } from '../framework/load-cli-config.ts';
import { describeError } from '../framework/report-error.ts';
import { requireRoot } from '../framework/require-root.ts';
import { briefStatus, statusTable, statusToJson, type Judged } from './text.ts';
import { openLog, openSystem } from '../../wire/system.ts';

export interface StatusCliOptions extends GlobalOptions {
  readonly user: string | undefined;
  readonly local: boolean;
  readonly server: boolean;
  readonly problems: boolean;
  readonly brief: boolean;
  readonly prometheus: string | undefined;
  readonly json: boolean;
}

/** Prints how homes stand, and sets the exit code that monitoring expects. */
export async function runStatus(given: StatusCliOptions, context: CliContext): Promise<void> {
  refuseBoth(given, 'local', 'server');
  refuseBoth(given, 'brief', 'json');
  requireRoot('a status reads this machine’s key and what waits to be sent');
  const warnings: string[] = [];
  const loaded = await loadCliConfig(given, 'look', (told) => void warnings.push(...told));
  const { config } = loaded;
  // The server has no other side to ask, whether somebody says that this is it or not.
  const options = { ...given, server: given.server || (await roleHere(loaded)).is === 'server' };
  const user = options.user === undefined ? null : parseUserName(options.user);
  const system = openSystem(config);
  const log = openLog(config, system.platform, { ...options, hasBar: true });
  const serverHost = wireServer(loaded);
  const observer = logObserver(log);
  const here = createSyncZfs(system.localHost, observer);
  const serverRoot = parseDatasetName(config.server.root);
  try {
    const { homes, macs, serverProblem } = await collectStatus({
      ...(options.server
        ? {
            ...{ local: null, server: { zfs: here, root: serverRoot }, pending: [] },
            contents: await contentsFile(config.local.stateDir).read(),
          }
        : {
            local: { zfs: here, root: parseDatasetName(config.local.root) },
            server: options.local ? null : { zfs: createSyncZfs(serverHost, observer), root: serverRoot },
            pending: await listAll(spoolsOf(config, system.platform.kind)),
          }),
      conflictsRoot: options.server ? parseDatasetName(config.server.conflictsRoot) : null,
      user,
      signal: context.signal,
    });
    const now = Date.now();
    const own = options.server
      ? null
      : { macName: config.local.macName, machineId: await system.platform.machineId() };
    const { unsentHours, sessionHours, macDays } = config.doctor;
    const judgedMacs = judgeMacs(macs, { macDays, now });
    const judged = homes.map((home): Judged => {
      const remarks = remarksOn(home, { own, unsentHours, sessionHours, now });
      return { home, remarks, level: worstOf(remarks.map(({ level }) => level)) };
    });
    const level = worstOf([
      ...judged.map((one) => one.level),
      ...judgedMacs.map((one) => one.level),
      ...(serverProblem === null ? [] : ['unknown' as const]),
      ...(warnings.length === 0 ? [] : ['warning' as const]),
    ]);
    const view = {
      ...{ homes: judged, macs: judgedMacs, level, serverProblem, warnings, now },
      ...{ onServer: options.server, problemsOnly: options.problems },
    };
    if (options.prometheus !== undefined) {
      const reachable = options.local || options.server ? null : serverProblem === null;
      await writeTextfile(
        options.prometheus,
        prometheusText({ homes, macs, level, serverReachable: reachable, now }),
      );
    }
    if (!options.json && !options.brief)
      for (const warning of warnings) process.stderr.write(`roamhome: ${warning}\n`);
    if (serverProblem !== null && !options.json && !options.brief)
      process.stderr.write(`${describeError(serverProblem, options).join('\n')}\n`);
    if (options.json) context.print(statusToJson(view));
    else if (options.brief) context.print(briefStatus(view));
    else if (options.prometheus === undefined)
      context.print(statusTable(view, { columns: process.stdout.columns || 80, isDetailed: user !== null }));
    context.setExitCode(levels[level]);
  } finally {
    await serverHost.close();
    await system.localHost.close();
    await log.close();
  }
}

function refuseBoth(options: StatusCliOptions, one: 'local' | 'brief', other: 'server' | 'json'): void {
  if (!options[one] || !options[other]) return;
  throw new RoamhomeError({
    code: 'usage',
    message: `--${one} and --${other} exclude each other`,
    remedy: 'Run `roamhome status --help`.',
  });
}

/** node_exporter reads `*.prom` alone: what is being written has another name. */
async function writeTextfile(path: string, text: string): Promise<void> {
  try {
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    await replaceFile(isDirectory ? join(path, 'roamhome.prom') : path, text, { mode: 0o644 });
  } catch (error) {
    throw new RoamhomeError({
      code: 'state-unusable',
      message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      remedy:
        'Name a directory that is there, such as that of node_exporter’s --collector.textfile.directory.',
      cause: error,
    });
  }
}
