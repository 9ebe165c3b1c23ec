import type { Argv, Host } from '../host/host.ts';
import { unexpectedResult } from './command-error.ts';

/** What a command prints that has to succeed without a complaint. Throws `command-failed`. */
export async function textOf(host: Host, argv: Argv, signal?: AbortSignal): Promise<string> {
  const result = await host.run(argv, signal === undefined ? {} : { signal });
  if (result.exitCode !== 0 || result.stderr.trim() !== '') throw unexpectedResult(argv, result);
  return result.stdout;
}
