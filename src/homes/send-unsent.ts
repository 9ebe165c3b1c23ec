import { isRoamhomeError, RoamhomeError } from '../errors/errors.ts';
import type { HomeState } from '../sync/home-state.ts';
import { sendLate, type LateOptions } from './diverged/late-branch.ts';
import { isServerGone } from './diverged/meet-conflict.ts';
import { Patience } from '../sync/patience.ts';
import { unsentProperty } from '../sync/properties.ts';
import type { Totals } from '../sync/run-steps.ts';
import { namesOf, namesValue } from './diverged/set-aside.ts';
import type { UnsentLine } from './synchronise.ts';
import { setProperties } from '../zfs/commands/change.ts';
import { listProperty } from '../zfs/commands/list.ts';
import type { Session } from './session.ts';

/** The lines that were set aside on this Mac and are nowhere else, as its home names them. Pure. */
export function unsentLines(home: HomeState | null): readonly string[] {
  return namesOf(home?.datasets.find(({ path }) => path === '')?.properties[unsentProperty]);
}

export interface SendUnsentOptions extends Pick<
  LateOptions,
  'flags' | 'pushMs' | 'stallMs' | 'places' | 'listener' | 'signal'
> {
  /** How long a dataset that an earlier run's receive still holds is waited for. */
  readonly busyMs: number;
}

/**
 * Sends the lines that the server could not take when they were set aside, each beside the home. `left`: those that it still
 * has not got. What ends the run ends this, and is no failure of the home's own sync before it.
 */
export async function sendUnsent(
  session: Session,
  names: readonly string[],
  { busyMs, ...options }: SendUnsentOptions,
): Promise<{ readonly pushedBytes: number; readonly left: readonly UnsentLine[] }> {
  const { local, server, localHome, serverHome, sleep } = session;
  const totals: Totals = { pushedBytes: 0, pulledBytes: 0, pushingMs: 0, steps: 0, putOff: 0 };
  const left: UnsentLine[] = [];
  let ended: RoamhomeError | null = null;
  for (const name of names) {
    try {
      if (ended !== null) throw ended;
      const isThere = await sendLate(name, {
        ...{ ...options, localHome, serverHome, totals, local, server: server.zfs, sleep },
        patience: new Patience(busyMs),
      });
      if (!isThere) throw unfinished();
    } catch (error) {
      if (!isRoamhomeError(error)) throw error;
      const reason: unknown = options.signal.aborted ? options.signal.reason : error;
      const why = isRoamhomeError(reason) ? reason : error;
      left.push({ name, problem: alone(name, why) });
      if (options.signal.aborted || isServerGone(error)) ended = why;
    }
  }
  const arrived = names.filter((name) => !left.some((line) => line.name === name));
  if (arrived.length > 0) await forget(session, arrived, options.signal);
  return { pushedBytes: totals.pushedBytes, left };
}

/** Read anew: this run may have set another one aside. What cannot be noted the next run finds out again. */
async function forget(
  { local, localHome, log, user }: Session,
  arrived: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const known = namesOf(await local.run(listProperty(localHome, unsentProperty), { signal }));
    const value = namesValue(known.filter((name) => !arrived.includes(name)));
    await local.run(setProperties(localHome, { [unsentProperty]: value }), { signal });
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    log.warn('unsent-not-noted', { user, dataset: localHome, error });
  }
}

function alone(name: string, cause: RoamhomeError): RoamhomeError {
  const { code, remedy, commands, retryable } = cause;
  const message = `what is set aside as ${name} is on this Mac alone, for it could not be sent: ${cause.message}`;
  return new RoamhomeError({ code, message, remedy, commands, retryable, cause });
}

function unfinished(): RoamhomeError {
  return new RoamhomeError({
    code: 'not-converging',
    message: 'more is to be sent than one run does',
    remedy: 'Run `roamhome push --pending`: it sends the rest. What was sent is kept there.',
    retryable: true,
  });
}
