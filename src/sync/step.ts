import type { SendFlags } from '../zfs/commands/stream.ts';
import type { DatasetName, ResumeToken, SnapshotName } from '../zfs/names.ts';
import type { Direction } from '../progress/event.ts';
import type { Carry } from './carry.ts';

/**
 * `login` pulls what this Mac lacks, after pushing what the server lacks; `logout` only pushes; `checkpoint` pushes from a
 * home in use, of which nothing is mounted or unmounted.
 */
export type Intent = 'login' | 'logout' | 'checkpoint';

/** No value has it: src/sync/make-step.ts alone says that one is of such a type. */
declare const made: unique symbol;

/** What sends, resumes, discards or names a base; made by src/sync/make-step.ts alone. */
interface Made {
  readonly [made]: true;
}

export interface SendStep extends Carry, Made {
  readonly kind: 'send';
  readonly direction: Direction;
  /** Set on what is received, before anything can mount it; `origin` makes it a clone of that snapshot. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface ResumeStep extends Made {
  readonly kind: 'resume';
  readonly direction: Direction;
  readonly token: ResumeToken;
  /** As for what it goes on with: a snapshot gives the stream's another name. */
  readonly target: DatasetName | SnapshotName;
  /** Bytes of the stream that have arrived already. */
  readonly done: bigint;
}

/** Give up an interrupted receive on this Mac that nobody wants any more. */
export interface DiscardStep extends Made {
  readonly kind: 'discard-partial';
  readonly dataset: DatasetName;
  readonly why: string;
}

export interface CloneStep extends Made {
  readonly kind: 'clone';
  readonly from: SnapshotName;
  readonly to: DatasetName;
  readonly properties: Readonly<Record<string, string>>;
}

/** Nothing among the steps removes a snapshot or a dataset. */
export type Step =
  | SendStep
  | ResumeStep
  /** The steps of a set-aside, all on this Mac: see src/homes/diverged/set-aside.ts. */
  | {
      readonly kind: 'create-container';
      readonly dataset: DatasetName;
      readonly properties: Readonly<Record<string, string>>;
    }
  | CloneStep
  | {
      readonly kind: 'mark';
      readonly dataset: DatasetName;
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'rename'; readonly from: DatasetName; readonly to: DatasetName }
  /** What takes no part in sync, from a line that was set aside to the home; with a key of its own where it needs one. */
  | { readonly kind: 'move-back'; readonly from: DatasetName; readonly to: DatasetName }
  | { readonly kind: 'promote'; readonly dataset: DatasetName }
  /** Back to the newest snapshot, from which no file of the user's differs. */
  | { readonly kind: 'rollback'; readonly to: SnapshotName }
  | DiscardStep
  /** A snapshot on the server on top of one whose name no command can say: it carries that one's changes. */
  | { readonly kind: 'cover'; readonly dataset: DatasetName; readonly short: string }
  /** Write the home's send flags down on the server, where every Mac reads them. */
  | {
      readonly kind: 'record-flags';
      readonly dataset: DatasetName;
      readonly flags: SendFlags;
    };

/** Why nothing may be done, and what was found. */
export interface Refusal {
  readonly kind:
    | 'diverged'
    | 'no-common'
    | 'server-blocked'
    /** As that, by nothing but an interrupted transfer of this Mac's own. */
    | 'own-partial'
    | 'branch-taken'
    | 'home-missing'
    | 'not-created'
    | 'unsayable'
    | 'doubled';
  readonly dataset: DatasetName;
  readonly evidence: string;
  /** What to do about it, where that depends on what was found. */
  readonly cure?: string;
}

/** A dataset that is left as it is while the others are synced. */
export interface LeftOut extends Refusal {
  /** True: this Mac has what the server lacks of it. */
  readonly isUnsent: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** When set, `steps` is empty: nothing is changed on either side. */
  readonly refusal: Refusal | null;
  /** What no step is about although the two sides differ; the rest of the home is synced all the same. */
  readonly left: readonly LeftOut[];
  /** The steps are not the whole way: after them, observe and plan again. */
  readonly again: boolean;
  /** Before the steps, this Mac has what the server lacks. */
  readonly ahead: boolean;
  /** Before the steps, the server has what this Mac lacks. */
  readonly behind: boolean;
}
