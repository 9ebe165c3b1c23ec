import { noOutput, type ZfsCommand } from '../command.ts';
import type { DatasetName, ResumeToken, SnapshotName } from '../names.ts';
import type { Snapshot, Version } from '../version.ts';

/** Letters of `zfs send` that stay the same for the life of a home; 'w': encrypted as it is on disk. */
export type SendFlags = '' | 'Lec' | 'w';

/** `from` null: a full stream. `intermediates`: every snapshot between the two as well (-I). */
export interface SendRange {
  readonly from: Version | null;
  readonly to: Snapshot;
  readonly intermediates: boolean;
}

function flagWords(flags: SendFlags): string[] {
  return Array.from(flags, (letter) => `-${letter}`);
}

/** Progress goes to stderr: -P for numbers, -v for a line a second. Never -p or -R: they carry properties. */
export function send(range: SendRange, flags: SendFlags): ZfsCommand<void> {
  const { from, to, intermediates } = range;
  const base = from === null ? [] : [intermediates ? '-I' : '-i', from.name];
  return {
    argv: ['zfs', 'send', '-P', '-v', ...flagWords(flags), ...base, to.name],
    mutates: false,
    parse: noOutput,
  };
}

/** The rest of an interrupted stream; the token carries the flags it was begun with. */
export function sendResume(token: ResumeToken): ZfsCommand<void> {
  return { argv: ['zfs', 'send', '-P', '-v', '-t', token], mutates: false, parse: noOutput };
}

/**
 * Not mounted (-u), resumable (-s), and never forced: a destination that moved on is an error here. With a
 * snapshot as target, the stream's snapshot is stored under that name; its guid stays.
 */
export function receive(
  target: DatasetName | SnapshotName,
  properties: Readonly<Record<string, string>> = {},
): ZfsCommand<void> {
  const options = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return { argv: ['zfs', 'receive', '-u', '-s', ...options, target], mutates: true, parse: noOutput };
}

/** Discards the partial receive of a dataset; what the dataset had before stays. */
export function receiveAbort(dataset: DatasetName): ZfsCommand<void> {
  return { argv: ['zfs', 'receive', '-A', dataset], mutates: true, parse: noOutput };
}
