import type { LoadedConfig } from '../../config/merge.ts';
import { cureOf, type ConfigMistake } from '../../config/mistakes.ts';
import { noServerError } from '../../config/no-server.ts';
import type { Config } from '../../config/schema.ts';
import { sayWrong } from '../../config/tell-mistakes.ts';
import { refusalOf } from '../../config/works.ts';
import { binarySize } from '../../format/size.ts';
import { shellWord } from '../../host/shell-word.ts';
import { failureOf, type Fact } from '../fact.ts';
import {
  advise,
  judging,
  ok,
  orOk,
  run,
  critical,
  criticalBecause,
  warning,
  type Check,
  type Finding,
  type Remedy,
} from '../finding.ts';

/** A directory of Roamhome's own, as it is. */
export interface OwnDirectory {
  readonly path: string;
  /** null: there is none yet. */
  readonly found: { readonly isDirectory: boolean; readonly uid: number; readonly mode: number } | null;
  /** What is free on the file system that it is, or will be, on. */
  readonly freeBytes: number;
}

interface MachineFacts {
  readonly config: Fact<Config>;
  readonly settings: Fact<LoadedConfig>;
  /** What keeps the log from being written, in words; null: nothing. */
  readonly logTrouble: Fact<string | null>;
  readonly directories: Fact<readonly OwnDirectory[]>;
}

interface GroupFacts {
  readonly config: Fact<Config>;
  /** Whether this machine knows the group of those who roam. */
  readonly group: Fact<boolean>;
}

function mend(mistake: ConfigMistake): Remedy {
  const [first, ...more] = mistake.commands ?? [];
  return first === undefined ? advise('here', cureOf([mistake])) : run('here', [first, ...more]);
}

export const settingsCheck = (role: 'mac' | 'server'): Check<MachineFacts> => ({
  name: 'settings',
  about: 'The configuration has no mistake, says what the machine is, and on a Mac names a server',
  judge: ({ settings }) => {
    const failure = failureOf(settings, () => true);
    if (failure !== null) return [criticalBecause(failure)];
    return judging(settings, (loaded) => {
      const faults = loaded.mistakes.map((mistake) => judgeMistake(mistake, loaded));
      const isNamed = loaded.config.server.address !== undefined || loaded.replaced.has('server.address');
      if (!isNamed && role === 'mac') faults.push(criticalBecause(noServerError()));
      if (loaded.config.role === undefined && !loaded.replaced.has('role')) faults.push(writeRole(role));
      return orOk(faults, 'no mistakes');
    });
  },
});

/** Until then what else is set has to say it, and a command of the other side may find nothing that refuses it. */
function writeRole(role: 'mac' | 'server'): Finding {
  return warning(
    'the role of this machine is not written in its settings',
    run('here', [`roamhome provision role ${role}`]),
  );
}

/** Everything goes on that need not rely on it; what does need it says that it does not go on. */
function judgeMistake(mistake: ConfigMistake, loaded: LoadedConfig): Finding {
  const refusal = (['ask-server', 'judge-homes'] as const)
    .map((work) => refusalOf(work, loaded))
    .find((one) => one?.mistakes.includes(mistake) === true);
  const found = warning(sayWrong(mistake, loaded), mend(mistake));
  return refusal === undefined || refusal === null ? found : { ...found, cause: refusal };
}

export const logCheck: Check<MachineFacts> = {
  name: 'log',
  about: 'The log can be written',
  judge: ({ config, logTrouble }) =>
    judging(logTrouble, (trouble) => {
      const file = config.known ? config.value.log.file : 'the log';
      return trouble === null
        ? [ok(file)]
        : [
            critical(
              `${file} cannot be written: ${trouble}`,
              advise('here', 'Correct what is in its way, or set log.file to another.'),
            ),
          ];
    }),
};

/** Locks, notes and mountpoints are small; below it something has filled the disk. */
const leastFreeBytes = 20 * 1024 * 1024;

function judgeDirectory({ path, found, freeBytes }: OwnDirectory): readonly Finding[] {
  const faults: Finding[] = [];
  const word = shellWord(path);
  if (found !== null && !found.isDirectory)
    faults.push(
      critical(`${path} is no directory`, run('here', [`mv ${word} ${word}.away`], 'Move it away: ')),
    );
  else if (found !== null && (found.uid !== 0 || (found.mode & 0o022) !== 0))
    faults.push(
      critical(
        `others than root can write in ${path}, and have root act on it`,
        run('here', [`chown root ${word}`, `chmod go-w ${word}`], 'Look at what is in it, then '),
      ),
    );
  if (freeBytes < leastFreeBytes)
    faults.push(
      critical(
        `${path} has ${binarySize(freeBytes)} free`,
        run('here', [`find / -xdev -type f -size +100M -ls`], 'Make room there; what is large tells '),
      ),
    );
  return faults;
}

export const stateCheck: Check<MachineFacts> = {
  name: 'state',
  about: 'The directories for locks, notes of waiting homes and the log are root’s alone, and have room',
  judge: ({ directories }) =>
    judging(directories, (all) => {
      const free = Math.min(...all.map(({ freeBytes }) => freeBytes));
      return orOk(all.flatMap(judgeDirectory), `${binarySize(free)} free`);
    }),
};

/** `create`: the command that makes a group on this system. */
export const groupCheck = (kind: 'macos' | 'linux'): Check<GroupFacts> => ({
  name: 'group',
  about: 'This machine knows the group whose members roam',
  judge: ({ config, group }) =>
    judging(group, (isKnown) => {
      const name = config.known ? config.value.syncGroup : '';
      if (isKnown) return [ok(name)];
      const command =
        kind === 'macos' ? `dseditgroup -o create ${shellWord(name)}` : `groupadd ${shellWord(name)}`;
      return [
        critical(
          `this machine knows no group ${name}: nobody's home is synced`,
          run('here', [command], 'If it is the directory’s, see why that does not answer; else '),
        ),
      ];
    }),
});
