import type { MacName, UserName } from './plan.ts';

/** A home's tree as somebody saw it at the end of a session. */
export interface Seen {
  readonly session: number;
  readonly user: UserName;
  readonly digest: string;
}

/** A session that has come to its end, and what the user was told of it. */
export interface Ended {
  readonly mac: MacName;
  readonly seen: Seen;
  /** `kept`: a logout told of no reason why there would be no snapshot; `live`: what is there is on the Mac's disk alone. */
  readonly as: 'kept' | 'live';
}

/**
 * What is known from outside of what has to be somewhere. A tree that a finished logout left is in a snapshot; one that a killed
 * run left is on the Mac's disk, and in a snapshot from the user's next login there on.
 */
export class Outside {
  readonly #kept: Seen[] = [];
  readonly #live = new Map<string, Seen>();

  ended({ mac, seen, as }: Ended): void {
    const place = `${seen.user} on ${mac}`;
    this.#live.delete(place);
    if (as === 'kept') this.#kept.push(seen);
    else this.#live.set(place, seen);
  }

  /** The user has come back: what was left there was snapshotted first. */
  returned(user: UserName, mac: MacName): void {
    const place = `${user} on ${mac}`;
    const left = this.#live.get(place);
    if (left !== undefined) this.#kept.push(left);
    this.#live.delete(place);
  }

  get promised(): readonly Seen[] {
    return this.#kept;
  }
}
