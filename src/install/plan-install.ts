import type { Job, JobState } from '../platform/services.ts';
import { hookBeforePath, hookKinds, hookPath, hookReplacedPath, type HookKind } from './hooks.ts';
import { hooksDirectory, shellZfs } from './places.ts';
import { nothing, type Wanted, type WantedFile } from './wanted.ts';

/** A file that is there. */
export interface FoundFile {
  readonly text: string;
  readonly mode: number;
  /** Root's, of root's group (wheel on a Mac). */
  readonly isRoots: boolean;
}

/** What of ours is on this machine. A path that is in no map is not there. */
export interface There {
  readonly directories: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, FoundFile>;
  readonly jobs: ReadonlyMap<Job, JobState>;
  /** The files of each job that Roamhome may have made, whether they are there or not. */
  readonly jobFiles: ReadonlyMap<Job, readonly string[]>;
  /** What else Roamhome may have made besides job files and the notes of hooks; removed when not wanted. */
  readonly otherFiles: readonly string[];
  /** Whether the service manager has to be told of changed files. */
  readonly needsReload: boolean;
  /** What loginwindow is told to call. */
  readonly hooks: ReadonlyMap<HookKind, string>;
  /** Hooks of Roamhome that were set by hand, as the package's own: not somebody else's. */
  readonly ownHooks: ReadonlySet<string>;
  /** Hooks that do what Roamhome does: never called besides ours. */
  readonly olderHooks: ReadonlySet<string>;
}

export type Action =
  | { readonly kind: 'make-directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'write-file'; readonly file: WantedFile; readonly isNew: boolean }
  | { readonly kind: 'remove-file'; readonly path: string }
  /** Stays when somebody has put something into it. */
  | { readonly kind: 'remove-directory'; readonly path: string }
  | { readonly kind: 'reload' }
  | { readonly kind: 'start'; readonly job: Job }
  | { readonly kind: 'pause'; readonly job: Job }
  | { readonly kind: 'stop'; readonly job: Job }
  | { readonly kind: 'set-hook'; readonly hook: HookKind; readonly to: string }
  | { readonly kind: 'delete-hook'; readonly hook: HookKind };

/**
 * What has to be done so that of ours there is what is wanted and nothing else; nothing when it is so. In an order in
 * which it can be cut off anywhere: the next run finds the rest, and no other hook's path is ever only in memory. Pure.
 */
export function planInstall(wanted: Wanted, there: There): readonly Action[] {
  const hooks = hookKinds.map((kind) => planHook(kind, wanted.hooks[kind], there));
  const files = [
    ...hooks.flatMap(({ replaced }) => replaced ?? []),
    ...wanted.files,
    ...hooks.flatMap(({ note }) => note ?? []),
  ];
  const removed = unwanted(
    // What provisioning made goes with the program that it calls.
    [...there.otherFiles, ...(wanted === nothing ? [shellZfs] : []), ...hookKinds.map(hookBeforePath)],
    files,
    there,
  );
  const jobs = planJobs(wanted, there);
  return [
    ...wanted.directories
      .filter(({ path }) => !there.directories.has(path))
      .map((directory) => ({ kind: 'make-directory' as const, ...directory })),
    ...writes(files, there),
    ...jobs,
    ...hooks.flatMap(({ set }) => set),
    // Last: until loginwindow is told otherwise it calls them.
    ...removed,
    ...(there.directories.has(hooksDirectory) &&
    !wanted.directories.some(({ path }) => path === hooksDirectory)
      ? [{ kind: 'remove-directory' as const, path: hooksDirectory }]
      : []),
  ];
}

function planJobs(wanted: Wanted, there: There): readonly Action[] {
  const isThere = (job: Job): boolean => (there.jobs.get(job) ?? 'absent') !== 'absent';
  const dropped = [...there.jobFiles].filter(([job]) => !wanted.jobs.some((one) => one.job === job));
  const removals = dropped.flatMap(([, paths]) => unwanted(paths, [], there));
  const changes = wanted.jobs
    .map(({ job, files }) => ({ job, writes: writes(files, there) }))
    .filter((change) => change.writes.length > 0 || there.jobs.get(change.job) !== 'whole');
  const jobs = changes.map(({ job }) => job);
  return [
    ...dropped.flatMap(([job]) => (isThere(job) ? [{ kind: 'stop' as const, job }] : [])),
    // Before its files: a run cut off between them would leave a job of the old file, which looks like that of the new.
    ...jobs.filter(isThere).map((job) => ({ kind: 'pause' as const, job })),
    ...removals,
    ...changes.flatMap((change) => change.writes),
    ...(there.needsReload && removals.length + changes.length > 0 ? [{ kind: 'reload' as const }] : []),
    ...jobs.map((job) => ({ kind: 'start' as const, job })),
  ];
}

interface HookPlan {
  readonly note: WantedFile | null;
  /** Where the path is kept of one that is not called any more. */
  readonly replaced: WantedFile | null;
  readonly set: readonly Action[];
}

/** Somebody else's hook is kept in a file before ours takes its place, and put back from there; one that ours replaces is not. */
function planHook(hook: HookKind, ours: string | undefined, there: There): HookPlan {
  const now = there.hooks.get(hook) ?? null;
  const kept = there.files.get(hookBeforePath(hook)) ?? null;
  const isOurs = now !== null && now === hookPath(hook);
  const before = isOurs ? (kept === null ? null : firstLine(kept.text)) : now;
  const isOlder = before !== null && there.olderHooks.has(before);
  const inFile = (path: string): WantedFile => ({ path, text: `${before ?? ''}\n`, mode: 0o644 });
  const replaced = isOlder && (ours !== undefined || isOurs) ? inFile(hookReplacedPath(hook)) : null;
  if (ours === undefined) {
    // Whoever has set another since, means it.
    if (!isOurs) return { note: null, replaced, set: [] };
    if (before === null || isOlder) return { note: null, replaced, set: [{ kind: 'delete-hook', hook }] };
    return { note: null, replaced, set: [{ kind: 'set-hook', hook, to: before }] };
  }
  const note = before === null || isOlder || there.ownHooks.has(before) ? null : inFile(hookBeforePath(hook));
  return { note, replaced, set: isOurs ? [] : [{ kind: 'set-hook', hook, to: ours }] };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function writes(files: readonly WantedFile[], there: There): readonly Action[] {
  return files.flatMap((file) => {
    const found = there.files.get(file.path);
    const isRight = found?.isRoots === true && found.text === file.text && found.mode === file.mode;
    return isRight ? [] : [{ kind: 'write-file' as const, file, isNew: found === undefined }];
  });
}

function unwanted(paths: readonly string[], wanted: readonly WantedFile[], there: There): readonly Action[] {
  return paths
    .filter((path) => there.files.has(path) && !wanted.some((file) => file.path === path))
    .map((path) => ({ kind: 'remove-file' as const, path }));
}
