import type { Argv } from '../host/host.ts';
import type { Machine } from './machine.ts';

/** Who a file is to belong to. `root`: root and root's group, whatever that is called there. */
export type Owner = 'root' | { readonly user: string; readonly group: string };

/** A file as it is to be. */
export interface WantedText {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
  /** What has to accept the new text before it takes the place of the old one; the word `{}` stands for the new file. */
  readonly check?: Argv;
}

/** One step, after which a run may be cut off: the next look sees that it was done. */
export type Change =
  /** `does`: in words, as "make the group x". `input` is given to it on stdin and shown nowhere: a place for secrets. */
  | { readonly kind: 'run'; readonly does: string; readonly argv: Argv; readonly input?: string }
  /** Whole or not at all. A secret text is not shown. */
  | {
      readonly kind: 'write-file';
      readonly file: WantedText;
      readonly isNew: boolean;
      readonly isSecret?: boolean;
    }
  /** What no command line does, such as a write to a directory server. `lines`: what a dry run shows of it. */
  | {
      readonly kind: 'call';
      readonly does: string;
      readonly lines: readonly string[];
      readonly call: (signal: AbortSignal) => Promise<void>;
    };

/** What a look at a task found. */
export interface Found {
  /** In this order; none: it is so already. */
  readonly changes: readonly Change[];
  /** What only a person can do or judge. */
  readonly left: readonly string[];
}

/** One thing that is to be so on a machine. */
export interface Task {
  /** A noun: `the group zfs_mobile_sync`. */
  readonly title: string;
  readonly machine: Machine;
  /**
   * Changes nothing. Looks also where nothing is yet that an earlier task makes, as in a dry run on a bare machine: then
   * all that it would do is to be done. Throws where it cannot or must not be made so.
   */
  look(signal: AbortSignal): Promise<Found>;
}

/** It is so already. */
export const alreadySo: Found = { changes: [], left: [] };

/** All that has to be done; nothing is left for a person. */
export function toDo(...changes: readonly Change[]): Found {
  return { changes, left: [] };
}
