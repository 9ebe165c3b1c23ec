import { defaultsFor } from '../../config/defaults.ts';
import { leaves } from '../../config/leaves.ts';
import { valueAt, type LoadedConfig } from '../../config/merge.ts';
import { ConfigInvalidError, show, type ConfigMistake } from '../../config/mistakes.ts';
import { setSource } from '../../config/set-flags.ts';
import { parseMaximumAges, type MaximumAge } from '../../thinning/maximum-ages.ts';
import { parseSchedule, type Schedule } from '../../thinning/schedule.ts';
import { ScheduleInvalidError } from '../../thinning/schedule-error.ts';

/** The schedule in effect. Throws `config-invalid`, with where it came from. */
export function scheduleOf(loaded: LoadedConfig): Schedule {
  return fromSetting(loaded, 'thinning.schedule', () => parseSchedule(loaded.config.thinning.schedule));
}

/** The maximum ages in effect. Throws `config-invalid`, with where they came from. */
export function maximumAgesOf(loaded: LoadedConfig): readonly MaximumAge[] {
  return fromSetting(loaded, 'thinning.maximumAges', () =>
    parseMaximumAges(loaded.config.thinning.maximumAges),
  );
}

/** The configuration with the mistakes that only the parsers of schedules know of. Pure. */
export function withThinningMistakes(loaded: LoadedConfig): LoadedConfig {
  const wrong = [scheduleOf, maximumAgesOf].flatMap((read): readonly ConfigMistake[] => {
    try {
      read(loaded);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigInvalidError)) throw error;
      return error.mistakes;
    }
  });
  if (wrong.length === 0) return loaded;
  const keys = wrong.flatMap(({ key }) => (key === null ? [] : [key]));
  // Those of the two systems are the same.
  const { schedule, maximumAges } = defaultsFor('linux', '').thinning;
  return {
    config: {
      ...loaded.config,
      thinning: {
        ...loaded.config.thinning,
        ...(keys.includes('thinning.schedule') && { schedule }),
        ...(keys.includes('thinning.maximumAges') && { maximumAges }),
      },
    },
    origins: new Map([...loaded.origins, ...keys.map((key) => [key, 'default'] as const)]),
    mistakes: [...loaded.mistakes, ...wrong],
    replaced: new Set([...loaded.replaced, ...keys]),
  };
}

function fromSetting<T>({ config, origins }: LoadedConfig, key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ScheduleInvalidError)) throw error;
    const source = origins.get(key) ?? 'default';
    const allowed = `${leaves.get(key)?.allowed ?? 'a schedule'} (${error.mistake})`;
    const isTyped = source === setSource;
    throw new ConfigInvalidError([
      { source, key, found: show(valueAt(config, key)), allowed, ...(isTyped && { isTyped }) },
    ]);
  }
}
