/**
 * How much of a piece is copied from the training pieces.
 *
 * What is compared: the top line of each part (see {@linkcode topLines}), as the interval in
 * semitones and the time from each note to the next. So a copy is found in any key and at any place,
 * with other harmony below or other voices around it; a figure with one note or one rhythm changed is
 * a new figure. Drums are not looked at.
 *
 * @module
 */
import type { EventSequence } from "../symbols/types.ts";
import { barAt } from "./bars.ts";
import { type LineNote, topLines } from "./lines.ts";
import { PairTable } from "./pair_table.ts";
import { mean, percentile } from "./percentile.ts";

/** The longest run of notes that a training piece has too. */
export interface CopiedRun {
  /** Notes in the run; 0 if not even two notes in a row are the same. */
  readonly notes: number;
  /** From the first to the last onset, in bars of the meter the run starts in. */
  readonly bars: number;
  /** Bar of the piece in which the run starts, from 1. */
  readonly ownBar: number;
  /** The training piece; of several, the first. Empty without a run. */
  readonly source: string;
  /** Bar of the training piece in which the run starts, from 1. */
  readonly bar: number;
}

/** How much of a piece is in the training pieces already. */
export interface Originality {
  /** The longest copied run. */
  readonly longestRun: CopiedRun;
  /** Share of all figures of 4 notes in a row that occur in training; NaN if the piece has none. */
  readonly shareOf4: number;
  /** The same for 8 notes. */
  readonly shareOf8: number;
  /** The same for 16 notes. */
  readonly shareOf16: number;
}

/** The training pieces, prepared for {@linkcode originality}. */
export interface OriginalityIndex {
  /** All moves of all lines, one line after the other, with a separator after each. */
  readonly moves: Int32Array;
  /** Numbers of the moves and of the figures made of them. */
  readonly names: FigureNames;
  /** For each place in `moves`, the number of its piece. */
  readonly owners: Int32Array;
  /** For each length of figure, where each figure occurs. */
  readonly places: Readonly<Record<FigureLength, Places>>;
  /** The lines in the order of `moves`. */
  readonly lines: readonly TrainingLine[];
}

/** Lengths of figures that are named, in moves: one less than notes. */
const FIGURE_LENGTHS = [1, 3, 7, 15] as const;
type FigureLength = typeof FIGURE_LENGTHS[number];

/** Where figures occur: the first place of each, and from each place the next of the same figure. */
interface Places {
  /** Place in `moves` by figure, −1 if not in training. */
  readonly first: Int32Array;
  /** Next place by place, −1 after the last. */
  readonly next: Int32Array;
}

/** One line of a training piece. */
interface TrainingLine {
  /** The piece. */
  readonly sequence: EventSequence;
  /** Number of the piece. */
  readonly owner: number;
  /** Its notes. */
  readonly notes: readonly LineNote[];
  /** Place of its first move in `moves`. */
  readonly start: number;
}

/** Stands after each line in `moves`. */
const SEPARATOR = -1;
/** A move or figure that is not in training. */
const UNKNOWN = -2;

/**
 * Prepares the training pieces. Time and memory grow in proportion to their notes: about 150 bytes
 * a note.
 */
export function indexOriginality(training: readonly EventSequence[]): OriginalityIndex {
  const names = new FigureNames();
  const lines: TrainingLine[] = [];
  let length = 0;
  training.forEach((sequence, owner) => {
    for (const notes of topLines(sequence)) {
      lines.push({ sequence, owner, notes, start: length });
      length += notes.length;
    }
  });
  const moves = new Int32Array(length).fill(SEPARATOR);
  const owners = new Int32Array(length);
  const figures = FIGURE_LENGTHS.map(() => new Int32Array(length).fill(UNKNOWN));
  for (const { notes, start, owner } of lines) {
    owners.fill(owner, start, start + notes.length);
    const named = names.learn(notes);
    moves.set(named[1], start);
    FIGURE_LENGTHS.forEach((length, i) => figures[i].set(named[length], start));
  }
  const [one, three, seven, fifteen] = figures.map(placesOf);
  return { moves, names, owners, places: { 1: one, 3: three, 7: seven, 15: fifteen }, lines };
}

/** How much of `sequence` is in the indexed pieces already. */
export function originality(index: OriginalityIndex, sequence: EventSequence): Originality {
  const lines = topLines(sequence);
  const named = lines.map((notes) => index.names.look(notes));
  const share = (length: FigureLength) => {
    const all = named.flatMap((figures) => [...figures[length]]);
    return all.filter((figure) => figure !== UNKNOWN).length / all.length;
  };
  return {
    longestRun: longestRun(index, sequence, lines, named),
    shareOf4: share(3),
    shareOf8: share(7),
    shareOf16: share(15),
  };
}

/** Notes in the longest run that a training piece, by its number, shares with another one; 0 without one. */
export function longestRunWithOthers(index: OriginalityIndex, piece: number): number {
  const named = index.lines.filter(({ owner }) => owner === piece)
    .map(({ notes }) => index.names.look(notes));
  const match = longestOfAll(index, named, piece);
  return match === undefined ? 0 : match.length + 1;
}

/** How original human pieces are that the training pieces do not include. */
export interface OriginalityReference {
  /** How many pieces. */
  readonly pieces: number;
  /** Notes in the longest run. */
  readonly longestRunNotes: Spread;
  /** Bars in the longest run. */
  readonly longestRunBars: Spread;
  /** Share of figures of 4 notes. */
  readonly shareOf4: Spread;
  /** Share of figures of 8 notes. */
  readonly shareOf8: Spread;
  /** Share of figures of 16 notes. */
  readonly shareOf16: Spread;
}

/** Mean, 95th percentile and maximum over pieces. */
export interface Spread {
  /** Arithmetic mean. */
  readonly mean: number;
  /** The value that only one piece in twenty exceeds. */
  readonly percentile95: number;
  /** The largest value; -Infinity for no pieces. */
  readonly maximum: number;
}

/** The figures of human held-out pieces, to judge those of generated pieces by. */
export function originalityReference(
  index: OriginalityIndex,
  heldOut: readonly EventSequence[],
): OriginalityReference {
  const all = heldOut.map((sequence) => originality(index, sequence));
  const spread = (value: (one: Originality) => number): Spread => {
    const values = all.map(value).filter((value) => !Number.isNaN(value));
    const maximum = Math.max(...values);
    return { mean: mean(values), percentile95: percentile(values, 95), maximum };
  };
  return {
    pieces: all.length,
    longestRunNotes: spread((one) => one.longestRun.notes),
    longestRunBars: spread((one) => one.longestRun.bars),
    shareOf4: spread((one) => one.shareOf4),
    shareOf8: spread((one) => one.shareOf8),
    shareOf16: spread((one) => one.shareOf16),
  };
}

/** The names of all figures of a line: `[length][place]`; figures that would leave it have none. */
type NamedFigures = Readonly<Record<FigureLength, Int32Array>>;

/**
 * Gives equal figures equal numbers, without collisions: a figure's name is the name of the pair of
 * names of its halves (R. Karp, R. Miller and A. Rosenberg 1972).
 */
class FigureNames {
  readonly #moves = new PairTable();
  /** Tables by length; a figure of 7 moves is one of 4 and one of 3, and so on. */
  readonly #pairs = [2, 3, 4, 7, 8, 15].map(() => new PairTable());

  /** Names the figures of a training line. */
  learn(notes: readonly LineNote[]): NamedFigures {
    return this.#name(notes, (table, first, second) => table.insert(first, second));
  }

  /** Names the figures of another line; figures that were never learned are {@linkcode UNKNOWN}. */
  look(notes: readonly LineNote[]): NamedFigures {
    return this.#name(notes, (table, first, second) => {
      if (first === UNKNOWN || second === UNKNOWN) return UNKNOWN;
      const name = table.find(first, second);
      return name < 0 ? UNKNOWN : name;
    });
  }

  #name(
    notes: readonly LineNote[],
    name: (table: PairTable, first: number, second: number) => number,
  ): NamedFigures {
    const [two, three, four, seven, eight, fifteen] = this.#pairs;
    const join = (table: PairTable, a: Int32Array, b: Int32Array, aLength: number) =>
      Int32Array.from(
        { length: Math.max(0, b.length - aLength) },
        (_, place) => name(table, a[place], b[place + aLength]),
      );
    // 128 up, an interval is never negative and so never UNKNOWN.
    const of1 = Int32Array.from(
      notes.slice(1),
      ({ pitch, onset }, i) =>
        name(this.#moves, 128 + pitch - notes[i].pitch, onset - notes[i].onset),
    );
    const of2 = join(two, of1, of1, 1);
    const of3 = join(three, of2, of1, 2);
    const of4 = join(four, of2, of2, 2);
    const of7 = join(seven, of4, of3, 4);
    const of8 = join(eight, of4, of4, 4);
    return { 1: of1, 3: of3, 7: of7, 15: join(fifteen, of8, of7, 8) };
  }
}

/** Chains the places of each figure in ascending order. `figures[place]` is a name or UNKNOWN. */
function placesOf(figures: Int32Array): Places {
  const count = figures.reduce((largest, name) => Math.max(largest, name), -1) + 1;
  const first = new Int32Array(count).fill(-1);
  const next = new Int32Array(figures.length).fill(-1);
  for (let place = figures.length - 1; place >= 0; place--) {
    const name = figures[place];
    if (name === UNKNOWN) continue;
    next[place] = first[name];
    first[name] = place;
  }
  return { first, next };
}

/** A run while the longest is being looked for: places in a line and in the index. */
interface Match {
  readonly length: number;
  readonly line: number;
  readonly place: number;
  readonly trainingPlace: number;
}

/** The longest run of a piece, in words. */
function longestRun(
  index: OriginalityIndex,
  sequence: EventSequence,
  lines: readonly (readonly LineNote[])[],
  named: readonly NamedFigures[],
): CopiedRun {
  const match = longestOfAll(index, named);
  if (match !== undefined) return describe(index, sequence, lines[match.line], match);
  return { notes: 0, bars: 0, ownBar: 0, source: "", bar: 0 };
}

/** Every run of 15 moves or more holds a figure of 15, so the longest figures that occur decide. */
function longestOfAll(
  index: OriginalityIndex,
  named: readonly NamedFigures[],
  without?: number,
): Match | undefined {
  for (const length of FIGURE_LENGTHS.toReversed()) {
    const match = longestMatch(index, named, length, without);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** The longest run that holds a figure of `length` moves; of equals, the first. Nothing of piece `without` counts. */
function longestMatch(
  { moves, places, owners }: OriginalityIndex,
  named: readonly NamedFigures[],
  length: FigureLength,
  without?: number,
): Match | undefined {
  const { first, next } = places[length];
  let best: Match | undefined;
  named.forEach((figures, line) => {
    const own = figures[1];
    figures[length].forEach((figure, place) => {
      let at = figure === UNKNOWN ? -1 : first[figure];
      for (; at >= 0; at = next[at]) {
        if (owners[at] === without) continue;
        // A run that could start a move earlier has been measured from there.
        if (place > 0 && at > 0 && own[place - 1] === moves[at - 1]) continue;
        let end = length as number;
        while (place + end < own.length && own[place + end] === moves[at + end]) end++;
        if (best === undefined || end > best.length) {
          best = { length: end, line, place, trainingPlace: at };
        }
      }
    });
  });
  return best;
}

/** Says where a match is in terms of pieces and bars. */
function describe(
  { lines }: OriginalityIndex,
  sequence: EventSequence,
  notes: readonly LineNote[],
  { length, place, trainingPlace }: Match,
): CopiedRun {
  const training = lines.findLast((line) => line.start <= trainingPlace)!;
  const from = notes[place].onset;
  const there = training.notes[trainingPlace - training.start].onset;
  return {
    notes: length + 1,
    bars: (notes[place + length].onset - from) / barAt(sequence.meters, from).length,
    ownBar: barAt(sequence.meters, from).number,
    source: training.sequence.source,
    bar: barAt(training.sequence.meters, there).number,
  };
}
