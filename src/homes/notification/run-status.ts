import * as z from 'zod';

/** What is read of a status file (watchers/status-json.ts); what more it says is left. */
const schema = z.object({
  run: z.enum(['login', 'logout', 'checkpoint', 'push', 'restore']),
  pid: z.int().positive(),
  state: z.string(),
  updatedAt: z.iso.datetime().transform((text) => Date.parse(text)),
  error: z.object({ code: z.string() }).nullable(),
  /** A file that an earlier version wrote has none. */
  notices: z.array(z.string()).default([]),
});

/** How a run stands. `updatedAt`: milliseconds since the epoch. */
export type RunStatus = Readonly<z.infer<typeof schema>>;

/** Throws for what is no status file. Pure. */
export function parseRunStatus(text: string): RunStatus {
  return schema.parse(JSON.parse(text));
}

/** True once the run has said how it ended. Pure. */
export function hasEnded({ state }: RunStatus): boolean {
  return state === 'done' || state === 'failed';
}
