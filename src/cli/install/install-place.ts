import { realpathSync } from 'node:fs';
import { RoamhomeError } from '../../errors/errors.ts';
import { chooseNode } from '../../install/choose-node.ts';
import type { InstallPlace } from '../../wire/install.ts';
import { systemKind } from '../../config/system-kind.ts';

/** This machine, this node and this Roamhome. Throws `usage` when it was not started from a file. */
export function thisPlace(): InstallPlace {
  const program = realPathOf(process.argv[1] ?? '');
  if (program === null || !/^\/[^\p{Cc}]*\/dist\/main\.js$/u.test(program)) {
    throw new RoamhomeError({
      code: 'usage',
      message: `this Roamhome is ${program ?? 'no file'}, which jobs and hooks cannot call`,
      remedy: 'Unpack roamhome.tgz where it is to stay, and run its dist/main.js.',
    });
  }
  return {
    kind: systemKind(process.platform),
    root: '',
    path: ['/usr/bin', '/bin', '/usr/sbin', '/sbin'],
    node: chooseNode(process.execPath, realPathOf),
    program,
    pauseMs: 1000,
  };
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    // Not there, or not for us: no candidate.
    return null;
  }
}
