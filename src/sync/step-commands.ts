import type { ZfsCommand } from '../zfs/command.ts';
import { clone, createContainer, promote, rename } from '../zfs/commands/arrange.ts';
import { rollbackToHead, setProperties, snapshot } from '../zfs/commands/change.ts';
import { receive, receiveAbort, send, sendResume, type SendFlags } from '../zfs/commands/stream.ts';
import { flagsProperty, shownFlags } from './properties.ts';
import type { Direction } from '../progress/event.ts';
import type { Step } from './step.ts';

export type Side = 'local' | 'server';

export interface PlacedCommand {
  readonly side: Side;
  readonly command: ZfsCommand<void>;
}

/** What a step runs: one command, or a stream from one side to the other. */
export type StepCommands =
  | { readonly kind: 'one'; readonly only: PlacedCommand }
  | {
      readonly kind: 'transfer';
      readonly send: PlacedCommand;
      readonly receive: PlacedCommand;
      /** Bytes that are not sent again. */
      readonly done: bigint;
    };

function ends(direction: Direction): { from: Side; to: Side } {
  return direction === 'push' ? { from: 'local', to: 'server' } : { from: 'server', to: 'local' };
}

const here = (command: ZfsCommand<void>): StepCommands => ({ kind: 'one', only: { side: 'local', command } });

/** The commands of a step: what the executor runs is what a dry run shows. Pure. */
export function commandsOf(step: Step, flags: SendFlags): StepCommands {
  switch (step.kind) {
    case 'rollback':
      return here(rollbackToHead(step.to));
    case 'discard-partial':
      return here(receiveAbort(step.dataset));
    case 'create-container':
      return here(createContainer(step.dataset, step.properties));
    case 'clone':
      return here(clone(step.from, step.to, step.properties));
    case 'mark':
      return here(setProperties(step.dataset, step.properties));
    case 'rename':
    case 'move-back':
      return here(rename(step.from, step.to));
    case 'promote':
      return here(promote(step.dataset));
    case 'cover':
      return { kind: 'one', only: { side: 'server', command: snapshot([step.dataset], step.short) } };
    case 'record-flags': {
      const command = setProperties(step.dataset, { [flagsProperty]: shownFlags(step.flags) });
      return { kind: 'one', only: { side: 'server', command } };
    }
    case 'send': {
      const { from, to } = ends(step.direction);
      // A new home on a Mac must never be mounted by the system at boot. Servers give Macs no right to set it.
      const unmounted = step.range.from === null && to === 'local' ? { canmount: 'noauto' } : {};
      const properties = { ...unmounted, ...step.properties };
      return {
        kind: 'transfer',
        send: { side: from, command: send(step.range, flags) },
        receive: { side: to, command: receive(step.target, properties) },
        done: 0n,
      };
    }
    case 'resume': {
      const { from, to } = ends(step.direction);
      return {
        kind: 'transfer',
        send: { side: from, command: sendResume(step.token) },
        receive: { side: to, command: receive(step.target) },
        done: step.done,
      };
    }
  }
}
