/**
 * What the parts of a piece never do, and new music in its frame does not either: the voices of a
 * chorale never rest, and a flute never plays two notes at once.
 *
 * @module
 */
import { roleOf } from "../symbols/codebook.ts";
import type { EventSequence, MusicEvent } from "../symbols/types.ts";

/** Follows new music and says which role may play next. */
export class PartHabits {
  /** Roles that never rest, from their first note to the last onset. */
  readonly #restless = new Set<number>();
  /** Roles that never begin a note or chord while they hold another one. */
  readonly #single = new Set<number>();
  /** Where the last note of each role ends in grid units; none before its first. */
  readonly #ends = new Map<number, number>();

  readonly #playable: readonly number[];

  /**
   * The habits of the pitched parts of `sequence`.
   *
   * @param playable the roles that can play at all: nobody waits for the others
   */
  constructor({ events, parts, start }: EventSequence, playable: readonly number[]) {
    this.#playable = playable;
    const [resting, overlapping] = [new Set<number>(), new Set<number>()];
    const ends = new Map<number, number>();
    let [onset, last]: number[] = [start, start];
    for (const { part, duration, step } of events) {
      const role = roleOf(part);
      const end = ends.get(role) ?? onset;
      if (onset > end || parts[part].drums) resting.add(role);
      if (onset < end || parts[part].drums) overlapping.add(role);
      ends.set(role, Math.max(end, onset + duration));
      last = onset;
      onset += step;
    }
    for (const [role, end] of ends) {
      if (end > last && !resting.has(role) && playable.includes(role)) this.#restless.add(role);
      if (!overlapping.has(role)) this.#single.add(role);
    }
  }

  /** Whether a part never rests. */
  neverRests(part: number): boolean {
    return this.#restless.has(roleOf(part));
  }

  /** Goes past an event at `onset`. */
  push({ part, duration }: MusicEvent, onset: number): void {
    const role = roleOf(part);
    this.#ends.set(role, Math.max(this.#ends.get(role) ?? 0, onset + duration));
  }

  /**
   * The roles that may play next at `onset`. Events of one onset go up from role to role, so one that
   * never rests and has ended must not be passed over.
   */
  allowedAt(onset: number): (role: number) => boolean {
    const waiting = this.#restlessEnds().filter(([, end]) => end <= onset).map(([role]) => role);
    const highest = Math.min(Infinity, ...waiting);
    return (role) => role <= highest && this.#freeAt(role) <= onset;
  }

  /** Fewest grid units to the next event after `part` has played for `duration` at `onset`: until some role is free. */
  shortestStep(onset: number, part: number, duration: number): number {
    const freeAt = (role: number) =>
      role === roleOf(part) && this.#single.has(role)
        ? Math.max(this.#freeAt(role), onset + duration)
        : this.#freeAt(role);
    return Math.max(0, Math.min(...this.#playable.map(freeAt)) - onset);
  }

  /** Most grid units to the next event when `part` plays for `duration` at `onset`: until the first end of a part that never rests. */
  longestStep(onset: number, part: number, duration: number): number {
    const role = roleOf(part);
    const ends = this.#restlessEnds().filter(([other]) => other !== role).map(([, end]) => end);
    if (this.#restless.has(role)) ends.push(Math.max(this.#ends.get(role) ?? 0, onset + duration));
    return Math.max(0, Math.min(Infinity, ...ends) - onset);
  }

  /** When a role may begin a note. */
  #freeAt(role: number): number {
    return this.#single.has(role) ? this.#ends.get(role) ?? 0 : 0;
  }

  #restlessEnds(): [role: number, end: number][] {
    return [...this.#ends].filter(([role]) => this.#restless.has(role));
  }
}
