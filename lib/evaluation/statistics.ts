/**
 * MusPy's objective metrics of one piece, with its definitions to the letter.
 *
 * Source: H.-W. Dong, K. Chen, J. McAuley and T. Berg-Kirkpatrick, "MusPy: a toolkit for symbolic
 * music generation", ISMIR 2020, and `muspy.metrics` 0.5.0. The values are those MusPy gives at a
 * resolution of 48 steps a quarter and with bars of the piece's first meter. Drum parts count for
 * the drum metrics, empty beats and bars and groove only. Where MusPy gives NaN (no notes to
 * measure), so does this.
 *
 * @module
 */
import { type Grid, GRID_PER_QUARTER, type Note, type Piece } from "../score/types.ts";
import { mean, percentile } from "./percentile.ts";

/** MusPy's metrics of one piece. */
export interface Statistics {
  /** Highest minus lowest pitch, in semitones; 0 without pitched notes. (MusPy: −127 for drums only.) */
  readonly pitchRange: number;
  /** Number of different pitches. */
  readonly pitchesUsed: number;
  /** Number of different pitch classes. */
  readonly pitchClassesUsed: number;
  /** Mean number of different pitches sounding, over the steps in which at least one sounds. */
  readonly polyphony: number;
  /** Share of all steps in which more than two different pitches sound (MusPy's threshold of 2). */
  readonly polyphonyRate: number;
  /** Share of the notes in the scale of the first key signature; NaN without one. */
  readonly pitchInScaleRate: number;
  /** Largest share of the notes in any one major or natural minor scale. */
  readonly scaleConsistency: number;
  /** Entropy of the distribution of pitches, in bits. */
  readonly pitchEntropy: number;
  /** Entropy of the distribution of pitch classes, in bits. */
  readonly pitchClassEntropy: number;
  /** Share of the quarters that no note touches, its end included. */
  readonly emptyBeatRate: number;
  /** Share of the bars that no note touches, its end included. */
  readonly emptyMeasureRate: number;
  /** 1 − mean Hamming distance between the onset patterns of neighbouring bars, a step a place. */
  readonly grooveConsistency: number;
  /** Larger of the shares of drum notes on sixteenths and on thirds of quarters; NaN without drums. */
  readonly drumPatternConsistency: number;
}

/** A mode with a scale. */
export type Mode = "major" | "minor";

/** Pitch classes of the scales on C; minor is natural minor. */
const SCALES: Readonly<Record<Mode, readonly number[]>> = {
  major: [0, 2, 4, 5, 7, 9, 11],
  minor: [0, 2, 3, 5, 7, 8, 10],
};

/** The number of pitches that a step must exceed to count as polyphonic: MusPy's default. */
const POLYPHONY_THRESHOLD = 2;

type Notes = readonly Note<Grid>[];

/** All metrics of a piece. */
export function statistics(piece: Piece): Statistics {
  const all = piece.parts.flatMap((part) => part.notes);
  const drums = piece.parts.filter((part) => part.drums).flatMap((part) => part.notes);
  const pitched = piece.parts.filter((part) => !part.drums).flatMap((part) => part.notes);
  const pitches = histogram(pitched.map((note) => note.pitch), 128);
  const classes = histogram(pitched.map((note) => note.pitch % 12), 12);
  const used = pitched.map((note) => note.pitch).sort((a, b) => a - b);
  const sounding = pitchesSounding(pitched, endOf(all));
  const notesInStep = sounding.filter((count) => count > 0);
  const bar = barLength(piece);
  return {
    pitchRange: used.length === 0 ? 0 : used[used.length - 1] - used[0],
    pitchesUsed: pitches.filter((count) => count > 0).length,
    pitchClassesUsed: classes.filter((count) => count > 0).length,
    polyphony: mean([...notesInStep]),
    polyphonyRate: sounding.filter((count) => count > POLYPHONY_THRESHOLD).length / sounding.length,
    pitchInScaleRate: rateInKey(piece, classes),
    scaleConsistency: scaleConsistency(classes),
    pitchEntropy: entropy(pitches),
    pitchClassEntropy: entropy(classes),
    emptyBeatRate: emptyRate(all, GRID_PER_QUARTER),
    emptyMeasureRate: emptyRate(all, bar),
    grooveConsistency: grooveConsistency(all, bar),
    drumPatternConsistency: drumPatternConsistency(drums),
  };
}

/** How the output's metrics lie among those of the training music. */
export interface StatisticsComparison {
  /** Mean over the output, of the pieces that have the metric. */
  readonly mean: number;
  /** 10th percentile of the training pieces. */
  readonly training10: number;
  /** Mean of the training pieces. */
  readonly trainingMean: number;
  /** 90th percentile of the training pieces. */
  readonly training90: number;
  /** Whether the mean lies between the two percentiles. */
  readonly typical: boolean;
}

/**
 * Compares the metrics of generated pieces with those of training pieces, metric by metric. Metrics
 * that no piece of the one or of the other has are left out.
 */
export function compareStatistics(
  generated: readonly Statistics[],
  training: readonly Statistics[],
): Partial<Record<keyof Statistics, StatisticsComparison>> {
  const comparisons: Partial<Record<keyof Statistics, StatisticsComparison>> = {};
  for (const name of METRICS) {
    const ours = defined(generated, name);
    const human = defined(training, name);
    if (ours.length === 0 || human.length === 0) continue;
    const [training10, training90] = [percentile(human, 10), percentile(human, 90)];
    const typical = training10 <= mean(ours) && mean(ours) <= training90;
    comparisons[name] = {
      mean: mean(ours),
      training10,
      trainingMean: mean(human),
      training90,
      typical,
    };
  }
  return comparisons;
}

/** The names of all metrics. */
export const METRICS: readonly (keyof Statistics)[] = [
  "pitchRange",
  "pitchesUsed",
  "pitchClassesUsed",
  "polyphony",
  "polyphonyRate",
  "pitchInScaleRate",
  "scaleConsistency",
  "pitchEntropy",
  "pitchClassEntropy",
  "emptyBeatRate",
  "emptyMeasureRate",
  "grooveConsistency",
  "drumPatternConsistency",
];

/** The values of a metric in the pieces that have it. */
function defined(pieces: readonly Statistics[], name: keyof Statistics): number[] {
  return pieces.map((piece) => piece[name]).filter((value) => !Number.isNaN(value));
}

/** Length of a bar of the first meter in grid steps, a whole number; 4/4 without a meter. */
function barLength(piece: Piece): number {
  const { numerator, denominator } = piece.meters[0] ?? { numerator: 4, denominator: 4 };
  return Math.max(1, Math.round(GRID_PER_QUARTER * 4 * numerator / denominator));
}

/** How often each value from 0 to `size` − 1 occurs. `[size]` */
function histogram(values: readonly number[], size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const value of values) counts[value]++;
  return counts;
}

/** Shannon entropy in bits of the distribution with these counts; NaN if all are 0. */
function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return NaN;
  const shares = counts.filter((count) => count > 0).map((count) => count / total);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

/** End of the last note; 0 without notes. */
function endOf(notes: Notes): number {
  return notes.reduce((end, note) => Math.max(end, note.onset + note.duration), 0);
}

/** Number of different pitches that sound in each grid step. `[length]` */
function pitchesSounding(notes: Notes, length: number): Uint8Array {
  const counts = new Uint8Array(length);
  const soundsUntil = new Float64Array(128);
  for (const note of [...notes].sort((a, b) => a.onset - b.onset)) {
    const end = note.onset + note.duration;
    const start = Math.max(note.onset, soundsUntil[note.pitch]);
    for (let step = start; step < end; step++) counts[step]++;
    soundsUntil[note.pitch] = Math.max(end, soundsUntil[note.pitch]);
  }
  return counts;
}

/** Share of the notes in one scale; NaN without notes. */
function rateInScale(classes: readonly number[], root: number, mode: Mode): number {
  const total = classes.reduce((sum, count) => sum + count, 0);
  return SCALES[mode].reduce((sum, degree) => sum + classes[(root + degree) % 12], 0) / total;
}

/** Share of the notes in the scale of the first key signature. */
function rateInKey(piece: Piece, classes: readonly number[]): number {
  if (piece.keys.length === 0) return NaN;
  const { fifths, minor } = piece.keys[0];
  // A minor has no accidentals, as C major; each fifth up adds a sharp.
  const root = ((minor ? 9 : 0) + 7 * fifths + 12 * 7) % 12;
  return rateInScale(classes, root, minor ? "minor" : "major");
}

/** Largest share over all 24 scales. */
function scaleConsistency(classes: readonly number[]): number {
  const roots = [...classes.keys()];
  return Math.max(
    ...roots.map((root) => rateInScale(classes, root, "major")),
    ...roots.map((root) => rateInScale(classes, root, "minor")),
  );
}

/** Share of the spans of `span` steps that no note touches; a note touches the step it ends on. */
function emptyRate(notes: Notes, span: number): number {
  const length = endOf(notes);
  if (length < 1) return NaN;
  const touched = new Uint8Array(Math.floor(length / span) + 1);
  for (const { onset, duration } of notes) {
    touched.fill(1, Math.floor(onset / span), Math.floor((onset + duration) / span) + 1);
  }
  return touched.filter((flag) => flag === 0).length / touched.length;
}

/** Agreement of the onset patterns of neighbouring bars; NaN for fewer than two bars. */
function grooveConsistency(notes: Notes, bar: number): number {
  const bars = Math.floor(endOf(notes) / bar) + 1;
  if (bars < 2) return NaN;
  const onsets = new Uint8Array(bars * bar);
  for (const note of notes) onsets[note.onset] = 1;
  let distance = 0;
  for (let step = bar; step < onsets.length; step++) {
    if (onsets[step] !== onsets[step - bar]) distance++;
  }
  return 1 - distance / (bar * (bars - 1));
}

/** Larger of the shares of drum notes on sixteenths and on thirds of quarters. */
function drumPatternConsistency(drums: Notes): number {
  const share = (divisor: number) =>
    drums.filter((note) => note.onset % (GRID_PER_QUARTER / divisor) === 0).length / drums.length;
  return Math.max(share(4), share(3));
}
