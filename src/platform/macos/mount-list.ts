import type { Argv, Host } from '../../host/host.ts';
import { unexpectedResult } from '../command-error.ts';
import type { Mount } from '../mounts.ts';

const argv: Argv = ['mount'];

/** Reads what mount(8) of macOS prints: `SOURCE on PATH (TYPE, OPTION, …)`; a line that is none is left out. Pure. */
export function parseMounts(stdout: string): readonly Mount[] {
  return stdout.split('\n').flatMap((line) => {
    const [, source, path, type] = /^(.+?) on (\/.*) \(([^,()]+)[^()]*\)$/.exec(line) ?? [];
    if (source === undefined || path === undefined || type === undefined) return [];
    return [{ source, path, type, id: null, parentId: null }];
  });
}

/** What is mounted on this Mac. */
export async function listMacosMounts(host: Host): Promise<readonly Mount[]> {
  const result = await host.run(argv);
  if (result.exitCode !== 0) throw unexpectedResult(argv, result);
  return parseMounts(result.stdout);
}
