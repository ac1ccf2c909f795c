/**
 * Music to learn from and music to measure on.
 *
 * @module
 */
import type { Prng } from "../random.ts";
import type { Grid } from "../score/types.ts";
import type { EventSequence } from "../symbols/types.ts";

/** Fewest pieces of which whole pieces are held out; with fewer, the end of each is. */
const ENOUGH_PIECES = 8;
/** Share of the pieces, or of each piece, that is held out. */
const HELD_OUT_SHARE = 0.1;
/** Events that a held-out section must have to say anything. */
const SHORTEST_SECTION = 16;

/** A corpus in two parts. */
export interface Split {
  /** What to learn from. */
  readonly training: readonly EventSequence[];
  /** What to measure on; nothing of it is learned. */
  readonly heldOut: readonly EventSequence[];
}

/**
 * Holds out one piece in ten, chosen at random; of a corpus of few pieces, the last tenth of each
 * (or nothing, where that is too short to say anything).
 */
export function splitCorpus(sequences: readonly EventSequence[], prng: Prng): Split {
  if (sequences.length < ENOUGH_PIECES) return splitSections(sequences);
  const count = Math.max(1, Math.round(sequences.length * HELD_OUT_SHARE));
  const chosen = new Set(prng.shuffled(sequences).slice(0, count));
  return {
    training: sequences.filter((sequence) => !chosen.has(sequence)),
    heldOut: sequences.filter((sequence) => chosen.has(sequence)),
  };
}

function splitSections(sequences: readonly EventSequence[]): Split {
  const training: EventSequence[] = [];
  const heldOut: EventSequence[] = [];
  for (const sequence of sequences) {
    const { events, start } = sequence;
    const at = Math.round(events.length * (1 - HELD_OUT_SHARE));
    if (events.length - at < SHORTEST_SECTION) {
      training.push(sequence);
      continue;
    }
    const passed = events.slice(0, at).reduce((sum, { step }) => sum + step, 0);
    training.push({ ...sequence, events: events.slice(0, at) });
    heldOut.push({ ...sequence, events: events.slice(at), start: (start + passed) as Grid });
  }
  return { training, heldOut };
}
