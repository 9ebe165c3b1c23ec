import { dirname, join } from 'node:path';
import type { Ran } from '../cli/session/session-without-root.ts';
import type { Argv } from '../host/host.ts';
import { createLocalHost } from '../host/local.ts';
import { shellWord } from '../host/shell-word.ts';
import type { Cleanup } from './cleanup.ts';
import type { DemoMachine, Stage } from './stage.ts';

/** The lab's three virtual machines, which are up with Roamhome on the Macs. `root`: the repository. */
export function labStage(root: string, cleanup: Cleanup, signal: AbortSignal): Stage {
  const env = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const host = createLocalHost({
    name: 'the lab',
    path: (process.env['PATH'] ?? '').split(':'),
    env: Object.fromEntries(env),
  });
  cleanup.add('what runs in the lab', () => host.close());

  const lab = async (
    words: readonly string[],
    options: { signal?: AbortSignal } = { signal },
  ): Promise<Ran> => {
    const argv: Argv = [join(root, 'scripts/lab'), ...words];
    const { exitCode, stdout, stderr } = await host.run(argv, options);
    return { exitCode, text: stderr + stdout };
  };
  const must = async (words: readonly string[], options?: { signal?: AbortSignal }): Promise<string> => {
    const { exitCode, text } = await lab(words, options);
    if (exitCode !== 0) throw new Error(`lab ${words.join(' ')}: exit ${exitCode ?? '?'}\n${text}`);
    return text;
  };
  const machine = (name: string): DemoMachine => {
    const asAlice = (script: string): Promise<string> =>
      must(['exec', name, '--', 'su', 'alice', '-s', '/bin/sh', '-c', script]);
    return {
      name,
      pool: 'data',
      mountpoint: (path) => path,
      homeOwner: 'alice:zfs_mobile_sync',
      run: (argv) => lab(['exec', name, '--', ...argv]),
      read: (path) => asAlice(`cat ${shellWord(path)}`),
      append: async (path, line) => {
        await asAlice(
          `mkdir -p ${shellWord(dirname(path))} && echo ${shellWord(line)} >> ${shellWord(path)}`,
        );
      },
    };
  };

  // A lab that is left with its server cut off would puzzle whoever uses it next.
  cleanup.add('the cut of the link to the server', async () => {
    await must(['net', 'server', 'clear'], {});
  });
  return {
    macA: machine('mac-a'),
    macB: machine('mac-b'),
    server: machine('server'),
    setServerAway: async (away) => {
      await must(['net', 'server', away ? 'cut' : 'clear']);
    },
    setting: 'They are virtual machines with real OpenZFS, real sshd and a link that can be cut.',
    farewell: [
      'scripts/lab shell mac-b   the lab is still up; scripts/lab down ends it',
      'README.md                 how to set it up, and every command',
      'docs/lab.md               the lab',
    ],
  };
}
