import type { TransferListener } from '../progress/event.ts';
import type { SendFlags } from '../zfs/commands/stream.ts';
import type { ZfsCommand } from '../zfs/command.ts';
import type { SyncZfs } from '../zfs/sync-zfs.ts';
import { commandsOf, type Side } from './step-commands.ts';
import type { Step } from './step.ts';
import { transfer } from './transfer.ts';
import { renameWithKey } from './with-key.ts';

export interface ExecuteOptions {
  readonly local: SyncZfs;
  readonly server: SyncZfs;
  readonly flags: SendFlags;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: TransferListener;
}

export interface StepResult {
  /** Bytes of stream moved; 0 for steps that move none. */
  readonly bytes: number;
  /** Of what was carried, as zfs estimates it; null: nothing was sent. */
  readonly contentBytes: number | null;
  /** What the sending zfs expected of it; null: it did not say, or nothing was sent. */
  readonly estimatedBytes: number | null;
}

/** Carries out a step that concerns this Mac alone. */
export async function executeLocally(step: Step, local: SyncZfs, signal: AbortSignal): Promise<void> {
  const commands = commandsOf(step, '');
  if (commands.kind !== 'one' || commands.only.side !== 'local')
    throw new Error(`${step.kind} needs the server`);
  await runCommand(step, local, commands.only.command, signal);
}

async function runCommand(
  step: Step,
  zfs: SyncZfs,
  command: ZfsCommand<void>,
  signal: AbortSignal,
): Promise<void> {
  if (step.kind === 'move-back') await renameWithKey(zfs, step.from, command, { signal });
  else await zfs.run(command, { signal });
}

/** Carries out one step, or throws a RoamhomeError; what had arrived before is kept. */
export async function executeStep(step: Step, options: ExecuteOptions): Promise<StepResult> {
  const zfs = (side: Side): SyncZfs => (side === 'local' ? options.local : options.server);
  const commands = commandsOf(step, options.flags);
  if (commands.kind === 'one') {
    const { side, command } = commands.only;
    await runCommand(step, zfs(side), command, options.signal);
    return { bytes: 0, contentBytes: null, estimatedBytes: null };
  }
  const { send, receive } = commands;
  const [source, sink] = [zfs(send.side), zfs(receive.side)];
  source.observer.command(source.host.name, send.command.argv, send.command.mutates);
  sink.observer.command(sink.host.name, receive.command.argv, receive.command.mutates);
  const { warnings, ...moved } = await transfer({
    source: source.host,
    send: send.command.argv,
    sink: sink.host,
    receive: receive.command.argv,
    arrivedBytes: step.kind === 'resume' ? step.done : 0n,
    stallMs: options.stallMs,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  for (const warning of warnings) sink.observer.warning(sink.host.name, receive.command.argv, warning);
  return moved;
}
