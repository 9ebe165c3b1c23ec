import type { DatasetName } from '../../zfs/names.ts';
import type { RunningProgram } from '../../platform/running-program.ts';
import type { GivenUp } from './plan-tend.ts';

/** A receive that is to be ended, and the process that it is. */
export interface EndedReceive {
  readonly dataset: DatasetName;
  readonly program: RunningProgram;
  /** As with `GivenUp`; `old` also where nothing of it is to be seen but its process. */
  readonly because: GivenUp['because'];
}

/**
 * The receives into datasets of ours whose processes are to be ended: into what is given up, and those that run for longer than one may
 * take. One that has just gone on with an idle transfer is none. Root's are never ended: they are an admin's. Whose words say that they
 * receive here without doing so brings about the end of a process of its own, and no more. Pure.
 */
export function receivesToEnd(
  programs: readonly RunningProgram[],
  abort: readonly GivenUp[],
  options: {
    readonly isOurs: (dataset: string) => boolean;
    readonly idleMs: number;
    readonly longestMs: number;
  },
): readonly EndedReceive[] {
  return programs.flatMap((program) => {
    const dataset = program.uid === 0 ? null : receivedInto(program.argv);
    if (dataset === null || !options.isOurs(dataset)) return [];
    const because = abort.find((one) => one.dataset === dataset)?.because;
    const isOld = because === 'old' || program.ageMs >= options.longestMs;
    if (!isOld && (because !== 'idle' || program.ageMs < options.idleMs)) return [];
    return [{ dataset, program, because: isOld ? 'old' : 'idle' }];
  });
}

/** What `zfs receive … TARGET` receives into; null: the words are others. Pure. */
function receivedInto(argv: readonly string[]): DatasetName | null {
  const [program = '', verb = '', ...words] = argv;
  const target = words.at(-1);
  if (!/^(?:.*\/)?zfs$/.test(program) || !/^re(?:ceive|cv)$/.test(verb)) return null;
  if (target === undefined || target.startsWith('-')) return null;
  return target.replace(/@.*$/s, '') as DatasetName;
}
