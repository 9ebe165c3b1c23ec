import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import { collectOutput } from '../host/collect-output.ts';
import type { Argv, CommandResult, Host, RunningCommand } from '../host/host.ts';
import type { ZfsCommand } from './command.ts';
import { listName, listTree } from './commands/list.ts';
import { diffArgv, parseDiffLine, type DiffEntry } from './commands/diff.ts';
import { decodeTokenArgv, parseTokenContents, type TokenContents } from './commands/token.ts';
import type { DatasetName, ResumeToken, SnapshotName } from './names.ts';
import { outputUnknown } from './parse.ts';
import { warningsOf, zfsError } from './stderr.ts';
import { linesOfStream } from './stream-lines.ts';
import type { Dataset } from './version.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Hears of every command before it runs, and of what zfs said on a success. */
export interface ZfsObserver {
  command(place: string, argv: Argv, mutates: boolean): void;
  warning(place: string, argv: Argv, line: string): void;
}

/**
 * What the sync code may do to a ZFS: no destroy and no forced receive can be expressed with it. Every failure is
 * a RoamhomeError typed by what zfs said.
 */
export interface SyncZfs {
  readonly host: Host;
  readonly observer: ZfsObserver;
  /** null: there is no such dataset. */
  listTree(
    root: DatasetName,
    properties: readonly string[],
    options?: CallOptions,
  ): Promise<readonly Dataset[] | null>;
  exists(dataset: DatasetName, options?: CallOptions): Promise<boolean>;
  /** Runs one command of src/zfs/commands. */
  run<T>(command: ZfsCommand<T>, options?: CallOptions): Promise<T>;
  /**
   * What differs between a mounted dataset, or a snapshot of it, and one of its snapshots, as `zfs diff` finds it; who has seen enough leaves
   * the loop, which ends the command. The end comes only when zfs has said all without a complaint; throws otherwise.
   */
  diff(now: DatasetName | SnapshotName, since: SnapshotName, options?: CallOptions): AsyncIterable<DiffEntry>;
  /** null: the token cannot be read here. */
  decodeToken(token: ResumeToken, options?: CallOptions): Promise<TokenContents | null>;
}

/** `place` is for messages: `this Mac`, or the server's address. */
export function createSyncZfs(host: Host, observer: ZfsObserver): SyncZfs {
  const place = host.name;

  async function run<T>(command: ZfsCommand<T>, options: CallOptions = {}): Promise<T> {
    observer.command(place, command.argv, command.mutates);
    const result = await runToEnd(host, command, options);
    if (result.exitCode !== 0) throw zfsError(place, command.argv, result);
    for (const line of warningsOf(result)) observer.warning(place, command.argv, line);
    const instead = command.instead?.(result.stdout) ?? null;
    if (instead !== null) return run(instead, options);
    for (const line of command.remarks?.(result.stdout) ?? []) observer.warning(place, command.argv, line);
    return command.parse(result.stdout);
  }

  return {
    host,
    observer,
    run,
    async listTree(root, properties, options) {
      return orWhenMissing(root, run(listTree(root, properties), options), null);
    },
    async exists(dataset, options) {
      return orWhenMissing(dataset, run(listName(dataset), options), false);
    },
    async *diff(now, since, options = {}) {
      const argv = diffArgv(since, now);
      observer.command(place, argv, true);
      const diff = await host.stream(argv, options);
      diff.stdin.end();
      let atEnd = false;
      try {
        for await (const line of linesOfStream(diff.stdout)) yield parseDiffLine(line);
        atEnd = true;
      } finally {
        // The whole list of a large home could take minutes.
        if (!atEnd) await endEarly(diff);
      }
      const result = await diff.done;
      if (result.exitCode !== 0) throw zfsError(place, argv, result);
      // An object that it cannot read is left out with a word on stderr, and zfs ends with 0.
      const [remark] = warningsOf(result);
      if (remark !== undefined) throw outputUnknown('a remark on a diff', remark);
    },
    async decodeToken(token, options = {}) {
      const argv = decodeTokenArgv(token);
      observer.command(place, argv, false);
      // Exit 1 where the snapshot itself is not at hand, after the contents: the text decides.
      const result = await host.run(argv, options);
      return parseTokenContents(`${result.stdout}\n${result.stderr}`);
    },
  };
}

async function runToEnd<T>(
  host: Host,
  { argv, input }: ZfsCommand<T>,
  options: CallOptions,
): Promise<CommandResult> {
  if (input === undefined) return host.run(argv, options);
  return collectOutput(await host.stream(argv, options), argv, input);
}

/** Only the dataset asked for may be missing: a message about another one stays an error. */
async function orWhenMissing<T, M>(dataset: DatasetName, answer: Promise<T>, missing: M): Promise<T | M> {
  try {
    return await answer;
  } catch (error) {
    if (
      error instanceof RoamhomeError &&
      error.code === 'dataset-missing' &&
      error.message.includes(`'${dataset}'`)
    ) {
      return missing;
    }
    throw error;
  }
}

async function endEarly(command: RunningCommand): Promise<void> {
  command.kill();
  await command.done.catch((error: unknown) => {
    if (!isRoamhomeError(error, 'cancelled')) throw error;
  });
}
