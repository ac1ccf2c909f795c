/** Made-up music for tests. */
import type { Prng } from "../../lib/random.ts";
import type { Grid, MeterChange, Note, Part } from "../../lib/score/types.ts";
import { encode } from "../../lib/symbols/events.ts";
import type { EventSequence } from "../../lib/symbols/types.ts";

/** What kind of piece to make up. */
export interface PieceWishes {
  /** Onsets in each part. */
  readonly onsets?: number;
  readonly parts?: number;
  /** The last part is a drum part. */
  readonly drums?: boolean;
  /** Lowest and highest pitch. */
  readonly range?: readonly [number, number];
  /** Share of onsets with three notes. */
  readonly chords?: number;
  readonly meters?: readonly MeterChange<Grid>[];
  readonly source?: string;
}

/** A piece of random notes and chords; the pitches wander by small steps. */
export function randomSequence(prng: Prng, wishes: PieceWishes = {}): EventSequence {
  const { onsets = 12, parts = 1, drums = false, range = [40, 84], chords = 0.3 } = wishes;
  const { meters = [], source = "made up" } = wishes;
  const drawn = <T>(values: readonly T[]) => values[prng.below(values.length)];
  const makePart = (index: number): Part<Grid> => {
    const isDrums = drums && index === parts - 1;
    let onset = drawn([0, 0, 24]);
    let pitch = range[0] + prng.below(range[1] - range[0] - 8);
    const notes: Note<Grid>[] = [];
    for (let i = 0; i < onsets; i++) {
      const [low, high] = isDrums ? [36, 47] : [range[0], range[1] - 8];
      pitch = Math.max(low, Math.min(high, pitch + prng.below(9) - 4));
      const duration = drawn([12, 24, 24, 48, 96]) as Grid;
      const softest = drawn([48, 64, 80, 96]);
      for (const above of prng.uniform() < chords ? [0, drawn([3, 4]), drawn([7, 8])] : [0]) {
        const velocity = softest + above;
        notes.push({ pitch: pitch + above, velocity, onset: onset as Grid, duration });
      }
      onset += drawn([12, 24, 48, 48]);
    }
    return { name: `part ${index}`, program: index, drums: isDrums, notes };
  };
  const all = Array.from({ length: parts }, (_, i) => makePart(i));
  return encode({ source, parts: all, tempos: [], meters, keys: [] });
}

/** The sequence with every pitch moved; drums stay. */
export function moved(sequence: EventSequence, semitones: number): EventSequence {
  const byPart = sequence.parts.map((info): Part<Grid> & { notes: Note<Grid>[] } => ({
    ...info,
    notes: [],
  }));
  let onset: number = sequence.start;
  for (const { part, duration, step, notes } of sequence.events) {
    for (const { pitch, velocity } of notes) {
      const up = byPart[part].drums ? 0 : semitones;
      byPart[part].notes.push({ pitch: pitch + up, velocity, onset: onset as Grid, duration });
    }
    onset += step;
  }
  return encode({ ...sequence, parts: byPart });
}
