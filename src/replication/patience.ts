import { isRoamhomeError } from '../errors/errors.ts';
import type { ResumeToken } from '../zfs/names.ts';
import type { SendStep, Step } from './step.ts';

/**
 * Tells whether a step that failed is worth another look at both sides. An earlier run that was killed or cut off
 * leaves its receive behind, which ends a while later (on the server: when sshd finds the other end dead) and moves
 * the dataset's resume token on with the last that it stores. Until then zfs answers `busy`, or `partial-state` where
 * a token is there; a token read before that end is answered with EINVAL, in words about anything (seen on 2.3.2:
 * "incompatible embedded data stream feature with encrypted receive"). And the server may have thinned since it was
 * looked at: what a stream was to go on from is a bookmark by then.
 */
export class Patience {
  readonly #busyMs: number;
  readonly #now: () => number;
  readonly #refused = new Set<ResumeToken>();
  readonly #baseless = new Set<string>();
  #until: number | null = null;

  /** `busyMs`: how long a busy dataset is waited for, from its first answer on. `now` in milliseconds. */
  constructor(busyMs: number, now: () => number = () => performance.now()) {
    this.#busyMs = busyMs;
    this.#now = now;
  }

  /** False: the failure is one. */
  allows(step: Step, failure: unknown): boolean {
    if (isRoamhomeError(failure, 'dataset-busy', 'partial-state')) {
      this.#until ??= this.#now() + this.#busyMs;
      return this.#now() < this.#until;
    }
    if (step.kind === 'send') return this.#allowsBaseless(step, failure);
    if (step.kind !== 'resume' || !isRoamhomeError(failure, 'stream-unsupported', 'token-unusable'))
      return false;
    // Refused twice, the token is the dataset's own, and means what it says.
    if (this.#refused.has(step.token)) return false;
    this.#refused.add(step.token);
    return true;
  }

  #allowsBaseless(
    { direction, range: { from, to }, target, properties }: SendStep,
    failure: unknown,
  ): boolean {
    if (from === null || !isRoamhomeError(failure, 'no-common-base', 'dataset-missing')) return false;
    // Planned the same way once more, it is not that somebody was faster.
    const planned = [direction, from.name, to.name, target, properties?.['origin']].join(' ');
    if (this.#baseless.has(planned)) return false;
    this.#baseless.add(planned);
    return true;
  }
}
