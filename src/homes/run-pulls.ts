import type { HomeState } from '../sync/home-state.ts';
import { Patience } from '../sync/patience.ts';
import { sendFlagsOf } from '../sync/plan.ts';
import { runSteps, type RunOptions, type Totals } from '../sync/run-steps.ts';
import type { Step } from '../sync/step.ts';
import type { Session } from './session.ts';
import { planOptions, syncListener } from './with-server.ts';

/** Of a run that has moved nothing yet. */
export function noTotals(): Totals {
  return { pushedBytes: 0, pulledBytes: 0, pushingMs: 0, steps: 0, putOff: 0 };
}

/** Of a run that a person waits for: what an earlier one still holds is said at once. */
export function noWaiting(): Patience {
  return new Patience(0);
}

/**
 * Carries out steps that a person waits for, and that push nothing; `serverHome` says how the home is sent. `patience` is the
 * whole run's: what it allows is for the next plan to do.
 */
export async function runPulls(
  session: Session,
  steps: readonly Step[],
  { serverHome, ...run }: Pick<RunOptions, 'totals' | 'patience'> & { readonly serverHome: HomeState | null },
): Promise<void> {
  const { local, server, config, signal } = session;
  await runSteps(steps, {
    local,
    server: server.zfs,
    stallMs: config.limits.stallSeconds * 1000,
    pushMs: 0,
    signal,
    sleep: session.sleep,
    listener: syncListener(session),
    flags: sendFlagsOf(serverHome, planOptions(session, 'login', serverHome)),
    ...run,
  });
}
