import { allow, unallow } from './commands/allow.ts';
import { clone, promote } from './commands/clone.ts';
import { create, readsKey } from './commands/create.ts';
import { destroy } from './commands/destroy.ts';
import { diff } from './commands/diff.ts';
import { get } from './commands/get.ts';
import { hold, holds, release } from './commands/holds.ts';
import { changeKey, isPrompted, loadKey, unloadKey } from './commands/keys.ts';
import { list } from './commands/list.ts';
import { mount, unmount } from './commands/mount.ts';
import { ProgramSession } from './commands/program.ts';
import { rename } from './commands/rename.ts';
import { rollback } from './commands/rollback.ts';
import { send } from './commands/send.ts';
import { inherit, set } from './commands/set.ts';
import { bookmark, snapshot } from './commands/snapshot.ts';
import { usageError, ZfsFailure } from './failure.ts';
import { KeySession } from './stream/key-session.ts';
import type { Call } from './machine.ts';
import { ReceiveSession, type InputSession, type ReceiveLimits, type Transact } from './stream/receive.ts';

type Command = (call: Call, words: readonly string[]) => number;

function version(call: Call): number {
  call.out('zfs-2.3.2-1\nzfs-kmod-2.3.2-1\n');
  return 0;
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['allow', allow],
  ['bookmark', bookmark],
  ['change-key', changeKey],
  ['clone', clone],
  ['create', create],
  ['destroy', destroy],
  ['diff', diff],
  ['get', get],
  ['hold', hold],
  ['holds', holds],
  ['inherit', inherit],
  ['list', list],
  [
    'load-key',
    (call, words) => {
      loadKey(call, words, null);
      return 0;
    },
  ],
  ['mount', mount],
  ['promote', promote],
  ['release', release],
  ['rename', rename],
  ['rollback', rollback],
  ['set', set],
  ['snap', snapshot],
  ['snapshot', snapshot],
  ['umount', unmount],
  ['unallow', unallow],
  ['unload-key', unloadKey],
  ['unmount', unmount],
  ['version', version],
]);

/** A zfs command that has begun. */
export type Started =
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'sending'; readonly chunks: Iterable<Buffer> }
  | { readonly kind: 'reading'; readonly session: InputSession };

/** Says a failure as zfs does, and gives its exit code. Anything else that was thrown is a bug, and goes on. */
export function sayFailure(call: Pick<Call, 'err'>, error: unknown): number {
  if (!(error instanceof ZfsFailure)) throw error;
  call.err(error.stderr);
  return error.exitCode;
}

/** Begins `zfs WORDS`: most commands are over at once; a send gives its stream, a receive or a program waits for its input. */
export function startCommand(
  transact: Transact,
  err: (text: string) => void,
  words: readonly string[],
  limits?: ReceiveLimits,
): Started {
  const [name, ...rest] = words;
  try {
    if (name === undefined) throw usageError('missing command');
    if (name === 'send') return { kind: 'sending', chunks: transact((call) => send(call, rest)) };
    if (name === 'receive' || name === 'recv') {
      return { kind: 'reading', session: new ReceiveSession(transact, rest, limits) };
    }
    if (name === 'program') return { kind: 'reading', session: new ProgramSession(transact, rest) };
    if (name === 'create' && readsKey(rest))
      return { kind: 'reading', session: new KeySession(transact, name, rest) };
    if (name === 'load-key' && transact((call) => isPrompted(call, rest)))
      return { kind: 'reading', session: new KeySession(transact, name, rest) };
    const command = commands.get(name);
    if (command === undefined) throw usageError(`unrecognized command '${name}'`);
    return { kind: 'ended', exitCode: transact((call) => command(call, rest)) };
  } catch (error) {
    return { kind: 'ended', exitCode: sayFailure({ err }, error) };
  }
}
