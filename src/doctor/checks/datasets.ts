import { isPlainWord } from '../../host/remote-words.ts';
import { shellWord } from '../../host/shell-word.ts';
import type { DatasetName } from '../../zfs/names.ts';
import { both, type Fact } from '../fact.ts';
import { advise, judging, orOk, run, warning, type Check, type Finding } from '../finding.ts';

interface DatasetFacts {
  /** The volumes below the roots of this machine. */
  readonly volumes: Fact<readonly DatasetName[]>;
}

/** Where the datasets below the roots are among the facts: a Mac lists its homes, the server all file systems. */
type NamesOf<Facts> = (facts: Facts) => Fact<readonly { readonly name: DatasetName }[]>;

function tellVolume(name: DatasetName): Finding {
  return warning(
    `${name} is a volume: it is not synced, and everything beside it is`,
    advise(
      'here',
      `Move it out of the homes with \`zfs rename ${shellWord(name)} DATASET\`, or leave it here.`,
    ),
  );
}

function tellName(name: DatasetName): Finding {
  return warning(
    `${JSON.stringify(name)} is not synced: its name has characters that a restricted shell refuses`,
    run('here', [`zfs rename ${shellWord(name)} ${name.replaceAll(/[^A-Za-z0-9_.:/-]/g, '-')}`]),
  );
}

/** What lies among the homes and takes no part in syncing because of what it is, or of its name. */
export function datasetsCheck<Facts extends DatasetFacts>(namesOf: NamesOf<Facts>): Check<Facts> {
  return {
    name: 'datasets',
    about: 'Every dataset of a home can be synced: none is a volume, none has a blank in its name',
    judge: (facts) =>
      judging(both(facts.volumes, namesOf(facts)), ([volumes, datasets]) =>
        orOk(
          [
            ...volumes.map(tellVolume),
            ...datasets.flatMap(({ name }) => (isPlainWord(name) ? [] : [tellName(name)])),
          ],
          'all can be synced',
        ),
      ),
  };
}
