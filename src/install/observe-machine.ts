import { basename, dirname } from 'node:path';
import type { Job, JobState } from '../platform/services.ts';
import {
  hookBeforePath,
  hookFileNames,
  hookKinds,
  hookNoteNames,
  hookReplacedPath,
  type HookKind,
} from './hooks.ts';
import type { Machine } from './machine.ts';
import { isOlderHook } from './older-hooks.ts';
import { hooksDirectory, newsyslog, notifyFiles, shellZfs } from './places.ts';
import type { FoundFile, There } from './plan-install.ts';
import type { Wanted } from './wanted.ts';

/** Looks at all that Roamhome may have put on this machine. Changes nothing. Throws `command-failed`, `state-unusable`. */
export async function observeMachine(machine: Machine, wanted: Wanted, jobs: readonly Job[]): Promise<There> {
  const { files, services, hooks } = machine;
  const jobFiles = new Map(
    jobs.map((job): [Job, readonly string[]] => [
      job,
      services.filesOf(job).map((name) => `${services.directory}/${name}`),
    ]),
  );
  const otherFiles =
    hooks === null
      ? [notifyFiles.linux]
      : [
          ...[newsyslog, notifyFiles.macos],
          ...[...hookFileNames, ...hookNoteNames].map((name) => `${hooksDirectory}/${name}`),
        ];
  const before =
    hooks === null ? [] : hookKinds.flatMap((kind) => [hookBeforePath(kind), hookReplacedPath(kind)]);

  const found = new Map<string, FoundFile>();
  for (const path of [...[...jobFiles.values()].flat(), ...otherFiles, shellZfs, ...before]) {
    const file = await files.read(path);
    if (file !== null) found.set(path, file);
  }
  const directories = new Set<string>();
  for (const path of new Set([...wanted.directories.map((one) => one.path), hooksDirectory]))
    if (await files.hasDirectory(path)) directories.add(path);
  const states = new Map<Job, JobState>();
  for (const job of jobs) states.set(job, await services.stateOf(job));

  const set = new Map<HookKind, string>();
  const ownHooks = new Set<string>();
  for (const kind of hooks === null ? [] : hookKinds) {
    const path = (await hooks?.read(kind)) ?? null;
    if (path === null) continue;
    set.set(kind, path);
    if (await isOwn(machine, path)) ownHooks.add(path);
  }
  const chained = hookKinds.flatMap((kind) => found.get(hookBeforePath(kind))?.text.split('\n')[0] ?? []);
  const olderHooks = new Set<string>();
  for (const path of new Set([...set.values(), ...chained]))
    if (isOlderHook(path, await textOf(machine, path))) olderHooks.add(path);
  return {
    ...{ olderHooks },
    ...{ directories, files: found, jobs: states, jobFiles, otherFiles, hooks: set, ownHooks },
    needsReload: services.reloadArgv !== null,
  };
}

/** null: there is no such file, or it cannot be read. */
async function textOf({ files }: Machine, path: string): Promise<string | null> {
  try {
    return (await files.read(path))?.text ?? null;
  } catch {
    return null;
  }
}

/** A hook of Roamhome's, wherever it was unpacked: `session-hook.sh` lies beside no other. */
async function isOwn({ files }: Machine, path: string): Promise<boolean> {
  if (!hookFileNames.includes(basename(path))) return false;
  return (await files.read(`${dirname(path)}/session-hook.sh`)) !== null;
}
