import { usageError, ZfsFailure } from '../failure.ts';
import { findSnapshot, type Machine } from '../machine.ts';
import { isUserProperty, nativeProperties } from '../native-properties.ts';
import { parseWords } from '../options.ts';
import { checkProperty, parseAssignments } from '../properties.ts';

/** A `zfs receive` command line. */
export interface ReceiveOptions {
  /** A dataset, or the snapshot that the stream's is to be stored as. */
  readonly target: string;
  readonly abort: boolean;
  readonly force: boolean;
  readonly resumable: boolean;
  readonly mount: boolean;
  readonly verbose: boolean;
  /** The whole name of a snapshot that the new dataset is to be a clone of. */
  readonly origin: string | null;
  readonly properties: ReadonlyMap<string, string>;
  /** Those of `-x`. */
  readonly excluded: readonly string[];
}

/** zfs receive [-vMnsFhuA] [-o property=value]... [-o origin=SNAPSHOT] [-x property]... FILESYSTEM|SNAPSHOT */
export function parseReceive(words: readonly string[]): ReceiveOptions {
  const options = parseWords('receive', words, 'vMsFhuAo:x:');
  const [target] = options.rest;
  if (target === undefined) throw usageError('missing snapshot argument', 'receive');
  if (options.rest.length > 1) throw usageError('too many arguments', 'receive');
  const assignments = new Map(parseAssignments(options.all('o')));
  const origin = assignments.get('origin') ?? null;
  assignments.delete('origin');
  const properties = new Map(
    [...assignments].map(([name, value]) => [name, receivable(name, value)] as const),
  );
  for (const name of options.all('x')) receivable(name, null);
  return {
    target,
    abort: options.has('A'),
    force: options.has('F'),
    resumable: options.has('s'),
    mount: !options.has('u'),
    verbose: options.has('v'),
    origin,
    properties,
    excluded: options.all('x'),
  };
}

function receivable(name: string, value: string | null): string {
  if (!isUserProperty(name) && !nativeProperties.has(name)) {
    // Said twice (lib/libzfs/libzfs_sendrecv.c, zfs_setup_cmdline_props).
    throw new ZfsFailure(`cannot receive: cannot receive: invalid property '${name}'`);
  }
  return value === null ? '' : checkProperty('cannot receive', name, value);
}

/** What zfs looks at before it reads a byte of the stream. */
export function checkBeforeReading(machine: Machine, { origin }: ReceiveOptions): void {
  if (origin === null || findSnapshot(machine, origin) !== undefined) return;
  throw new ZfsFailure(`cannot receive: specified origin fs (${origin}) does not exist`);
}
