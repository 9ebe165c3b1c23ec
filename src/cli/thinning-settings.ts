import { leaves } from '../config/leaves.ts';
import { valueAt, type LoadedConfig } from '../config/merge.ts';
import { ConfigInvalidError, show } from '../config/mistakes.ts';
import { parseMaximumAges, type MaximumAge } from '../thinning/maximum-ages.ts';
import { parseSchedule, type Schedule } from '../thinning/schedule.ts';
import { ScheduleInvalidError } from '../thinning/schedule-error.ts';

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

/**
 * What a setting says. Looked at by those who thin only: a login does not care whether a schedule can be read.
 */
function fromSetting<T>({ config, origins }: LoadedConfig, key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ScheduleInvalidError)) throw error;
    const source = origins.get(key) ?? 'default';
    const allowed = `${leaves.get(key)?.allowed ?? 'a schedule'} (${error.mistake})`;
    throw new ConfigInvalidError([{ source, key, found: show(valueAt(config, key)), allowed }]);
  }
}
