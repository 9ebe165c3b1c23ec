import type { DatasetName, ResumeToken } from '../zfs/names.ts';

/** What was tried in this run and is not to be tried again. */
export interface Setbacks {
  /** Tokens that zfs does not go on with. */
  readonly refused: ReadonlySet<ResumeToken>;
  /** Datasets on the server that nothing can be received into, for something was written there. */
  readonly written: ReadonlySet<DatasetName>;
}

/** Of a run that has met none. */
export const noSetbacks: Setbacks = { refused: new Set(), written: new Set() };
