import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errnoOf } from '../host/command-errors.ts';
import { sayFailure, startCommand } from './execute.ts';
import type { InputSession, Transact } from './stream/receive.ts';
import { openStore } from './store.ts';

const out = (text: string): void => {
  process.stdout.write(text);
};
const err = (text: string): void => {
  process.stderr.write(text);
};

/** Bytes that a receive keeps back before it stores them: each time the whole state is written. */
const flushBytes = 4 * 1024 * 1024;

/**
 * `zfs` on the machine in the directory that ROAMHOME_SIMULATOR names, as the user of this process, or as
 * ROAMHOME_SIMULATOR_USER says.
 */
async function main(): Promise<void> {
  const directory = process.env['ROAMHOME_SIMULATOR'];
  if (directory === undefined) {
    err('The ZFS modules cannot be auto-loaded: ROAMHOME_SIMULATOR names no directory.\n');
    process.exitCode = 1;
    return;
  }
  const store = openStore(directory);
  const { username } = userInfo();
  const user = process.env['ROAMHOME_SIMULATOR_USER'] ?? (username === store.superuser ? 'root' : username);
  const transact: Transact = (work) => store.transact((machine) => work({ machine, user, out, err }));
  const owner = `${process.pid}-${randomUUID()}`;
  const started = startCommand(transact, err, process.argv.slice(2), { owner, flushBytes });
  switch (started.kind) {
    case 'ended':
      process.exitCode = started.exitCode;
      return;
    case 'sending':
      await sendTo(started.chunks);
      return;
    case 'reading':
      await readInto(started.session);
      return;
  }
}

async function sendTo(chunks: Iterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), process.stdout);
  } catch (error) {
    if (errnoOf(error) !== 'EPIPE') throw error;
    process.exitCode = 1;
  }
}

async function readInto(session: InputSession): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      session.interrupt();
      process.kill(process.pid, signal);
    });
  }
  try {
    if (!session.isOver()) {
      for await (const chunk of process.stdin) {
        session.write(chunk as Buffer);
        if (session.isOver()) break;
      }
      session.end();
    }
  } catch (error) {
    process.exitCode = sayFailure({ err }, error);
  }
  process.stdin.destroy();
}

await main();
