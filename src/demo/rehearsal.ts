import type { runSessionWithoutRoot } from '../cli/session/session-without-root.ts';
import { Cleanup } from './cleanup.ts';
import { simulatorStage } from './simulator-stage.ts';
import { homeCommands, must, type Stage } from './stage.ts';

/** More than one packet of SSH, and more than one batch of them. */
const bytes = 512 * 1024;

/**
 * Plays what a program does every day, on the simulator over SSH on loopback. `run`: that program's. Throws where anything ends
 * otherwise than well, or is left behind. `simulator`: its zfs, bundled.
 */
export async function rehearse(run: typeof runSessionWithoutRoot, simulator: string): Promise<void> {
  const cleanup = new Cleanup();
  const [played] = await Promise.allSettled([
    simulatorStage(simulator, cleanup, new AbortController().signal, run).then(playDay),
  ]);
  const left = await cleanup.run();
  if (played.status === 'rejected')
    throw new AggregateError([played.reason, ...left], 'the rehearsal failed');
  if (left.length > 0) throw new Error(left.join('\n'));
}

/** A first push, a first pull, a change, a login that receives it, one with nothing to do. */
async function playDay({ macA, macB }: Stage): Promise<void> {
  for (const argv of homeCommands(macA)) await must(macA, argv);
  await macA.append('/Users/alice/novel', 'm'.repeat(bytes));
  await must(macA, ['roamhome', 'logout', 'alice']);
  await must(macB, ['roamhome', 'login', 'alice']);
  await macB.append('/Users/alice/novel', 'Some years ago');
  await must(macB, ['roamhome', 'logout', 'alice']);
  for (const what of ['login', 'logout', 'login']) await must(macA, ['roamhome', what, 'alice']);
}
