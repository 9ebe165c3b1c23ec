import type { Ran } from '../cli/session/session-without-root.ts';
import type { Argv } from '../host/host.ts';

/** A machine on which the story takes place, with a pool and in it the parent of the homes. */
export interface DemoMachine {
  readonly name: string;
  /** Its homes are `POOL/profiles/USER`, what is set aside is in `POOL/profiles-conflicts`. */
  readonly pool: string;
  /** Where what the story calls `/Users/alice` is mounted. */
  readonly mountpoint: (path: string) => string;
  /** `USER:GROUP` to whom root gives a new home; null: it is its user's already. */
  readonly homeOwner: string | null;
  /** Runs a command as root; on the Macs `roamhome` too. Rejects only when it cannot be run. */
  readonly run: (argv: Argv) => Promise<Ran>;
  /** The text of a file below a mountpoint, as its user reads it. */
  readonly read: (path: string) => Promise<string>;
  /** A line at the end of a file below a mountpoint, as its user writes it; the file's folder is made. */
  readonly append: (path: string, line: string) => Promise<void>;
}

/** Two Macs and a server. */
export interface Stage {
  readonly macA: DemoMachine;
  readonly macB: DemoMachine;
  readonly server: DemoMachine;
  /** Cuts the server off from the Macs, or brings it back. */
  readonly setServerAway: (away: boolean) => Promise<void>;
  /** What the server, the link and the file systems are, a sentence. */
  readonly setting: string;
  /** Where to go on from here, a line each. */
  readonly farewell: readonly string[];
}

/** What makes alice's home on a machine, and mounts it. */
export function homeCommands({ pool, mountpoint, homeOwner }: DemoMachine): readonly Argv[] {
  const [home, path] = [`${pool}/profiles/alice`, mountpoint('/Users/alice')];
  return [
    ['zfs', 'create', '-o', 'canmount=noauto', '-o', `mountpoint=${path}`, home],
    ['zfs', 'mount', home],
    ...(homeOwner === null ? [] : [['chown', homeOwner, path] as const]),
  ];
}

/** Runs a command on a machine. Throws, with what it printed, unless it ends with 0. */
export async function must({ name, run }: DemoMachine, argv: Argv): Promise<void> {
  const { exitCode, text } = await run(argv);
  if (exitCode !== 0) throw new Error(`${name}: ${argv.join(' ')}: exit ${exitCode ?? '?'}\n${text}`);
}
