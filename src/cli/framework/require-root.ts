import { RoamhomeError } from '../../errors/errors.ts';

/** Throws `not-root`. `why`: what only root may do. */
export function requireRoot(why: string): void {
  if (process.geteuid?.() === 0) return;
  throw new RoamhomeError({
    code: 'not-root',
    message: `${why}, which only root may do`,
    remedy: 'Run it as root: sudo roamhome …',
  });
}
