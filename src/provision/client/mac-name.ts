import { macNameFrom } from '../../config/defaults.ts';
import { unexpectedResult } from '../../platform/command-error.ts';
import type { Machine } from '../machine.ts';
import { readSetting } from '../settings-task.ts';

/**
 * What the machine is to be called, which is written into its settings: its snapshots, its conflicts, its key and the records of
 * sessions on it bear the name. One that it has stays, whatever its host is called by now.
 */
export async function macNameFor(
  machine: Machine,
  given: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const named = given ?? (await readSetting(machine, 'local.macName', signal));
  if (typeof named === 'string') return named;
  const argv = ['hostname'] as const;
  const result = await machine.host.run(argv, { signal });
  if (result.exitCode !== 0) throw unexpectedResult(argv, result, 'Name the Mac with --mac.');
  return macNameFrom(result.stdout.trim());
}
