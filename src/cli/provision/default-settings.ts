import { defaultsFor } from '../../config/defaults.ts';
import type { MachineKind } from '../../provision/machine.ts';
import type { Settings } from '../../provision/settings-file.ts';

/**
 * The settings of a machine without a file of settings, by their dotted names. Its name is none of them: host names change, and
 * what a machine is to be called from now on is written down.
 */
export function defaultSettings(kind: MachineKind): Settings {
  const config = defaultsFor(kind === 'macos' ? 'macos' : 'linux', '');
  const all = Object.fromEntries(
    Object.entries(config).flatMap(([section, value]): [string, unknown][] =>
      typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).map(([key, one]) => [`${section}.${key}`, one])
        : [[section, value]],
    ),
  );
  return Object.fromEntries(Object.entries(all).filter(([dotted]) => dotted !== 'local.macName'));
}
