import type { DatasetName, ResumeToken } from '../zfs/names.ts';

/** What was tried in this run and is not to be tried again. */
export interface Setbacks {
  /** Tokens that zfs does not go on with. */
  readonly refused: ReadonlySet<ResumeToken>;
  /** Datasets on the server that nothing can be received into, and why. */
  readonly blocked: ReadonlyMap<DatasetName, string>;
}

/** Of a run that has met none. */
export const noSetbacks: Setbacks = { refused: new Set(), blocked: new Map() };
