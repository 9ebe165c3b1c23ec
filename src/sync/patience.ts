import { isRoamhomeError } from '../errors/errors.ts';
import type { DatasetName, ResumeToken } from '../zfs/names.ts';
import type { Setbacks } from './setbacks.ts';
import type { ResumeStep, SendStep, Step } from './step.ts';

/**
 * Tells whether a step that failed is worth another look at both sides. An earlier run that was killed or cut off
 * leaves its receive behind, which ends a while later (on the server: when sshd finds the other end dead) and moves
 * the dataset's resume token on with the last that it stores. Until then zfs answers `busy`, or `partial-state` where
 * a token is there; a token read before that end is answered with EINVAL, in words about anything (seen on 2.3.2:
 * "incompatible embedded data stream feature with encrypted receive"), and so is any stream, at its very end, that a
 * snapshot of the receiving dataset came in between of. And the server may have thinned since it was
 * looked at: what a stream was to go on from is a bookmark by then.
 */
export class Patience {
  readonly #busyMs: number;
  readonly #now: () => number;
  readonly #refusedOnce = new Set<ResumeToken>();
  readonly #tried = new Set<string>();
  readonly #refused = new Set<ResumeToken>();
  readonly #written = new Set<DatasetName>();
  readonly #givenUp = new Set<string>();
  #until: number | null = null;

  /** `busyMs`: how long a busy dataset is waited for, from its first answer on. `now` in milliseconds. */
  constructor(busyMs: number, now: () => number = () => performance.now()) {
    this.#busyMs = busyMs;
    this.#now = now;
  }

  /** What the next plan of this run has to do without. */
  get setbacks(): Setbacks {
    return { refused: this.#refused, written: this.#written };
  }

  /** False: the failure is one. */
  allows(step: Step, failure: unknown): boolean {
    if (isRoamhomeError(failure, 'dataset-busy', 'partial-state')) {
      this.#until ??= this.#now() + this.#busyMs;
      return this.#now() < this.#until;
    }
    if (step.kind === 'send') return this.#allowsSend(step, failure);
    // Another Mac has made the same just now.
    if (step.kind === 'cover') return isRoamhomeError(failure, 'dataset-exists') && this.#isFirst(step.short);
    return step.kind === 'resume' && this.#allowsResume(step, failure);
  }

  /**
   * Refused twice, the token is the dataset's own, and means what it says: a snapshot that came in between, or whatever
   * else keeps it from being gone on with, does so for ever. So it is given up, once for each dataset in a run.
   */
  #allowsResume({ token, target }: ResumeStep, failure: unknown): boolean {
    if (!isRoamhomeError(failure, ...hopeless)) return false;
    if (!this.#refusedOnce.has(token)) {
      this.#refusedOnce.add(token);
      return true;
    }
    if (this.#givenUp.has(target)) return false;
    this.#givenUp.add(target);
    this.#refused.add(token);
    return true;
  }

  #allowsSend(step: SendStep, failure: unknown): boolean {
    const { direction, range, target, properties } = step;
    const isBaseless = range.from !== null && isRoamhomeError(failure, 'no-common-base', 'dataset-missing');
    // A snapshot came in between, which the next look shows; or something was written there.
    const isMoved = isRoamhomeError(failure, 'dataset-modified', 'stream-refused');
    if (!isBaseless && !isMoved) return false;
    // Planned the same way once more, it is not that somebody was faster.
    const { from, to } = range;
    const planned = [direction, from?.name, to.name, target, properties?.['origin']].join(' ');
    if (this.#isFirst(planned)) return true;
    const dataset = target.replace(/@.*$/, '') as DatasetName;
    if (direction !== 'push' || !isRoamhomeError(failure, 'dataset-modified') || this.#written.has(dataset))
      return false;
    this.#written.add(dataset);
    return true;
  }

  #isFirst(what: string): boolean {
    const isFirst = !this.#tried.has(what);
    this.#tried.add(what);
    return isFirst;
  }

  /** True once a receive into this dataset, or below it, was given up in this run. */
  hasGivenUp(dataset: DatasetName): boolean {
    return [...this.#givenUp].some((one) => one === dataset || one.startsWith(`${dataset}/`));
  }
}

/** What a stream that is resumed fails of for good. A link that is cut, a full pool and the like pass. */
const hopeless = [
  'stream-refused',
  'stream-unsupported',
  'token-unusable',
  'no-common-base',
  'dataset-missing',
  'dataset-modified',
  'dataset-exists',
] as const;
