import type { runSessionWithoutRoot } from '../cli/session-without-root.ts';
import type { Argv } from '../host/host.ts';
import { Cleanup } from './cleanup.ts';
import { simulatorStage } from './simulator-stage.ts';
import type { DemoMachine } from './stage.ts';

/** More than one packet of SSH, and more than one batch of them. */
const bytes = 512 * 1024;

/**
 * Plays what a program does every day, on the simulator over SSH on loopback: a first push, a change, a login with nothing to
 * do, one that receives what changed, and a first pull. `run`: that program's. Throws where anything ends otherwise than well,
 * and sets process.exitCode where something is left behind. `simulator`: its zfs, bundled.
 */
export async function rehearse(run: typeof runSessionWithoutRoot, simulator: string): Promise<void> {
  const cleanup = new Cleanup();
  try {
    const { macA, macB } = await simulatorStage(simulator, cleanup, new AbortController().signal, run);
    await makeHome(macA);
    await macA.append('/Users/alice/novel', 'm'.repeat(bytes));
    await play(macA, 'logout');
    await play(macB, 'login');
    await macB.append('/Users/alice/novel', 'Some years ago');
    await play(macB, 'logout');
    for (const what of ['login', 'logout', 'login'] as const) await play(macA, what);
  } finally {
    for (const line of await cleanup.run()) {
      process.stderr.write(`rehearsal: ${line}\n`);
      process.exitCode = 1;
    }
  }
}

async function makeHome(mac: DemoMachine): Promise<void> {
  const home = `${mac.pool}/profiles/alice`;
  const mountpoint = mac.mountpoint('/Users/alice');
  await on(mac, ['zfs', 'create', '-o', 'canmount=noauto', '-o', `mountpoint=${mountpoint}`, home]);
  await on(mac, ['zfs', 'mount', home]);
}

async function play(mac: DemoMachine, what: 'login' | 'logout'): Promise<void> {
  await on(mac, ['roamhome', what, 'alice']);
}

async function on(mac: DemoMachine, argv: Argv): Promise<void> {
  const { exitCode, text } = await mac.run(argv);
  if (exitCode !== 0)
    throw new Error(`${mac.name}: ${argv.join(' ')} ended with ${exitCode ?? '?'}:\n${text}`);
}
