import type { SystemKind } from './defaults.ts';
import { RoamhomeError } from '../errors/errors.ts';

/** The system behind node's name for it. Throws `usage` on one that Roamhome does not run on. */
export function systemKind(platform: NodeJS.Platform): SystemKind {
  if (platform === 'darwin') return 'macos';
  if (platform === 'linux') return 'linux';
  throw new RoamhomeError({
    code: 'usage',
    message: `Roamhome does not run on ${platform}`,
    remedy: 'Run it on macOS or Linux.',
  });
}
