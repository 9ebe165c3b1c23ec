import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RoamhomeError } from '../../errors/errors.ts';
import type { Argv, Host } from '../../host/host.ts';
import { isClosedEarly } from '../../host/pipe-commands.ts';

/**
 * The SHA-256, in hex, of what a command of `tarToCompare` writes of all that is in a directory: names, kinds, modes, owners, times of change, links,
 * extended attributes, ACLs and contents. The tree must be one that nobody can change meanwhile, in a place that root alone gets to. Throws where any of it cannot be read.
 */
export async function digestTree(
  host: Host,
  argv: Argv,
  place: string,
  signal: AbortSignal,
): Promise<string> {
  const running = await host.stream(argv, { signal });
  const hash = createHash('sha256');
  const read = async (): Promise<void> => {
    for await (const chunk of running.stdout) hash.update(chunk as Buffer);
  };
  const [ended, named, digested] = await Promise.allSettled([
    running.done,
    pipeline(Readable.from(namesBelow(Buffer.from(place), Buffer.from('.'))), running.stdin).catch(
      (error: unknown) => {
        running.kill();
        throw error;
      },
    ),
    read(),
  ]);
  signal.throwIfAborted();
  // Where it ends early, it says why itself.
  if (named.status === 'rejected' && !isClosedEarly(named.reason)) throw named.reason;
  if (ended.status === 'rejected') throw ended.reason;
  if (digested.status === 'rejected') throw digested.reason;
  const { exitCode, stderr } = ended.value;
  if (exitCode !== 0 || named.status === 'rejected') throw unreadable(place, stderr);
  return hash.digest('hex');
}

/** Each path below a directory, itself first, with a NUL behind; in the order of their bytes, so that it is the same in two trees. */
async function* namesBelow(top: Buffer, path: Buffer): AsyncGenerator<Buffer> {
  yield Buffer.concat([path, Buffer.from([0])]);
  const below = Buffer.concat([top, Buffer.from('/'), path]);
  const entries = await readdir(below, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries.sort((a, b) => a.name.compare(b.name))) {
    const inner = Buffer.concat([path, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) yield* namesBelow(top, inner);
    else yield Buffer.concat([inner, Buffer.from([0])]);
  }
}

function unreadable(place: string, stderr: string): RoamhomeError {
  const [first = 'no reason was given'] = stderr.split('\n');
  return new RoamhomeError({
    code: 'command-failed',
    message: `not all of what is mounted at ${place} can be read: ${first}`,
    remedy: 'Run `zpool status -v` on the server: it names files that are damaged. The branch stays.',
  });
}
