import type { Argv, Host } from '../host/host.ts';
import { unexpectedResult } from './command-error.ts';

/**
 * What a command prints that has to succeed without a complaint. `remedyOf`: the remedy for what it said; null: the usual one.
 * Throws `command-failed`.
 */
export async function textOf(
  host: Host,
  argv: Argv,
  signal?: AbortSignal,
  remedyOf: (said: string) => string | null = () => null,
): Promise<string> {
  const result = await host.run(argv, signal === undefined ? {} : { signal });
  if (result.exitCode !== 0 || result.stderr.trim() !== '')
    throw unexpectedResult(argv, result, remedyOf(result.stderr) ?? undefined);
  return result.stdout;
}
