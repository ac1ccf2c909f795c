/**
 * The course of the `expressive` preset: whole pieces side by side, a window at a time, with the
 * LSTM states carried from window to window and a new key for every piece in every epoch.
 *
 * @module
 */
import type { PreparedPiece } from "../dataset/expressive_corpus.ts";
import type { TrainingPool } from "../engine/pool.ts";
import {
  type ExpressiveConfiguration,
  expressivePlan,
  featureInput,
  type Head,
  HEADS,
  RELATIVE_CLASSES,
} from "../model/expressive.ts";
import { createPrng, type Prng } from "../random.ts";
import { type Codebook, SHIFTS } from "../symbols/codebook.ts";
import type { Feature } from "../dataset/tracker.ts";
import type { Course, Lesson, LossSum } from "./types.ts";

/** Fewest rows of a micro-batch that keep the processor's arithmetic units busy. */
const MICRO_BATCH_ROWS = 8;
/** Windows of a section at least: enough to learn to use the carried state. */
const SHORTEST_SECTION = 4;
/** Share of the probability that is kept for what the codebook does not have. */
const UNSEEN_SHARE = 0.002;
/** How many unseen values that share is divided among, beside those of the codebook. */
const UNSEEN_VALUES: Readonly<Record<Head, number>> = {
  symbol: 1000,
  duration: 300,
  step: 300,
  velocity: 16,
};

/** What a course is made of. */
export interface ExpressiveMaterial {
  /** Ids of everything. */
  readonly codebook: Codebook;
  /** The features in the order of the pieces' columns. */
  readonly features: readonly Feature[];
  /** What to learn from. */
  readonly training: readonly PreparedPiece[];
  /** What to measure on. */
  readonly heldOut: readonly PreparedPiece[];
}

/** A window of a piece in one row of the batch. */
interface Slot {
  readonly piece: PreparedPiece;
  readonly from: number;
  readonly shift: number;
  /** Whether the state goes on from the window before. */
  readonly carried: boolean;
}

/** The course over `material`. */
export function expressiveCourse(
  configuration: ExpressiveConfiguration,
  material: ExpressiveMaterial,
  options: {
    readonly batchSize: number;
    readonly sequenceLength: number;
    readonly seed: number;
  },
): Course {
  const { batchSize, sequenceLength: steps, seed } = options;
  const microBatches = Math.max(1, Math.floor(batchSize / MICRO_BATCH_ROWS));
  const rows = Math.ceil(batchSize / microBatches);
  const plan = expressivePlan(configuration, { rows, steps });
  const lies = material.codebook.shapes(RELATIVE_CLASSES);
  const unseen: Record<Head, number> = { symbol: 0, duration: 0, step: 0, velocity: 0 };

  function lessonOf(schedule: Slot[][]): Lesson {
    const batches = Math.max(...schedule.map((row) => row.length));
    return {
      batches,
      fill(pool, b) {
        for (const head of HEADS) unseen[head] = 0;
        for (let m = 0; m < microBatches; m++) {
          const writer = new MicroBatchWriter(pool, m, rows, steps, material, lies);
          for (let r = 0; r < rows; r++) writer.write(r, schedule[m * rows + r]?.[b], unseen);
        }
        return Math.ceil((schedule.findLastIndex((row) => row.length > b) + 1) / rows);
      },
    };
  }

  const rowCount = microBatches * rows;
  return {
    plan,
    microBatches,
    lesson(epoch) {
      const prng = createPrng(seed, `order ${epoch}`);
      const keys = material.training.map((piece) => ({ piece, shift: randomShift(piece, prng) }));
      return lessonOf(rowsOf(prng.shuffled(keys), rowCount, steps, prng));
    },
    exam: material.heldOut.length > 0
      ? lessonOf(rowsOf(material.heldOut.map((piece) => ({ piece, shift: 0 })), rowCount, steps))
      : undefined,
    losses: (pool) => sumLosses(pool, microBatches, unseen, configuration),
  };
}

/** A key in which the piece stays in the range of MIDI. */
function randomShift({ range: [low, high] }: PreparedPiece, prng: Prng): number {
  const possible = SHIFTS.filter((shift) =>
    low > high || (low + shift >= 0 && high + shift <= 127)
  );
  return possible[prng.below(possible.length)];
}

/**
 * Shares pieces out among rows: the longest first, each to the row with the least so far. In training
 * (with a `prng`) a piece that is longer than a fair share is cut into sections, which begin with a
 * fresh state, so that no row runs on alone.
 */
function rowsOf(
  pieces: readonly { readonly piece: PreparedPiece; readonly shift: number }[],
  rowCount: number,
  steps: number,
  prng?: Prng,
): Slot[][] {
  const windows = (piece: PreparedPiece) => Math.ceil(piece.positions / steps);
  const all = pieces.reduce((sum, { piece }) => sum + windows(piece), 0);
  const share = Math.max(SHORTEST_SECTION, Math.ceil(all / rowCount));
  const longest = prng ? share : all;
  const sections = pieces.flatMap(({ piece, shift }) => {
    const slots = Array.from({ length: windows(piece) }, (_, w) => ({
      piece,
      from: w * steps,
      shift,
      carried: w % longest > 0,
    }));
    return Array.from(
      { length: Math.ceil(slots.length / longest) },
      (_, s) => slots.slice(s * longest, (s + 1) * longest),
    );
  });
  const rows: Slot[][][] = Array.from({ length: rowCount }, () => []);
  const loads = rows.map(() => 0);
  for (const section of sections.sort((a, b) => b.length - a.length)) {
    const row = loads.indexOf(Math.min(...loads));
    rows[row].push(section);
    loads[row] += section.length;
  }
  return rows.map((row) => (prng ? prng.shuffled(row) : row).flat());
}

/** Writes one micro-batch. Padding has weight 0 and ids of 0. */
class MicroBatchWriter {
  readonly #rows: number;
  readonly #steps: number;
  readonly #material: ExpressiveMaterial;
  readonly #end: number;
  readonly #lossWeight: number;
  readonly #features: Int32Array[];
  readonly #labels: Record<Head, Int32Array>;
  readonly #interval: Int32Array;
  readonly #nextEnd: Int32Array;
  readonly #weight: Float32Array;
  readonly #noteWeight: Float32Array;
  readonly #memories: readonly [Float32Array, Float32Array];
  readonly #keep: Float32Array;

  constructor(
    pool: TrainingPool,
    m: number,
    rows: number,
    steps: number,
    material: ExpressiveMaterial,
    lies: ReturnType<Codebook["shapes"]>,
  ) {
    [this.#rows, this.#steps, this.#material] = [rows, steps, material];
    this.#end = material.codebook.symbols.size;
    this.#lossWeight = 1 / (rows * steps * pool.microBatches);
    const ids = (name: string) => pool.inputIds(name, m).fill(0);
    this.#features = material.features.map((_, f) => ids(featureInput(f)));
    this.#labels = Object.fromEntries(HEADS.map((head) => [head, ids(head)])) as Record<
      Head,
      Int32Array
    >;
    this.#interval = ids("chosen interval");
    this.#nextEnd = ids("next end");
    ids("symbol shapes").set(lies.shapes);
    ids("symbol bases").set(lies.bases);
    this.#weight = pool.input("weight", m).fill(0);
    this.#noteWeight = pool.input("note weight", m).fill(0);
    const memory = (head: Head) => pool.input(`${head} memory`, m).fill(-1);
    this.#memories = [memory("symbol"), memory("duration")];
    this.#keep = pool.input("keep", m).fill(0);
  }

  /** Writes a window into row `r`; counts in `unseen` what cannot be predicted. */
  write(r: number, slot: Slot | undefined, unseen: Record<Head, number>): void {
    if (!slot) return;
    const { piece, from, shift, carried } = slot;
    this.#keep[r] = carried ? 1 : 0;
    const shifted = this.#material.codebook.shifted(shift);
    const to = Math.min(piece.positions, from + this.#steps);
    for (let i = from; i < to; i++) {
      const at = (i - from) * this.#rows + r;
      this.#writeFeatures(piece, i, at, shift, shifted);
      this.#writeLabels(piece, i, at, shifted, unseen);
    }
  }

  #writeFeatures(p: PreparedPiece, i: number, at: number, shift: number, shifted: Int32Array) {
    const { features } = this.#material;
    const symbols = this.#end;
    features.forEach(({ moves, size }, f) => {
      let id = p.features[i * features.length + f];
      if (moves === "as symbol" && id < symbols) id = shifted[id] < 0 ? symbols : shifted[id];
      if (moves === "as pitch" && id < size - 1) id = Math.max(0, Math.min(size - 2, id + shift));
      this.#features[f][at] = id;
    });
    for (const e of [0, 1]) {
      this.#memories[0][at * 2 + e] = p.memory[i * 4 + e];
      this.#memories[1][at * 2 + e] = p.memory[i * 4 + 2 + e];
    }
    this.#interval[at] = p.intervals[i];
    this.#nextEnd[at] = p.nextEnds[i];
  }

  #writeLabels(
    p: PreparedPiece,
    i: number,
    at: number,
    shifted: Int32Array,
    unseen: Record<Head, number>,
  ) {
    const isEnd = p.symbols[i] === this.#end;
    const symbol = isEnd || p.symbols[i] < 0 ? p.symbols[i] : shifted[p.symbols[i]];
    this.#labels.symbol[at] = Math.max(0, symbol);
    if (symbol < 0) unseen.symbol++;
    else this.#weight[at] = this.#lossWeight;
    if (isEnd) return;
    this.#labels.duration[at] = p.durations[i];
    this.#labels.step[at] = p.steps[i];
    this.#labels.velocity[at] = p.velocities[i];
    this.#noteWeight[at] = this.#lossWeight;
  }
}

/**
 * Sums the losses of a batch; what is not in the codebook costs its share of {@linkcode UNSEEN_SHARE}.
 * Over everything that can be asked for, the probabilities sum to at most 1.
 */
function sumLosses(
  pool: TrainingPool,
  microBatches: number,
  unseen: Readonly<Record<Head, number>>,
  { heads: sizes }: ExpressiveConfiguration,
): LossSum {
  const heads: Record<Head, number> = { symbol: 0, duration: 0, step: 0, velocity: 0 };
  let events = 0;
  const floor = (head: Head) => UNSEEN_SHARE / (UNSEEN_VALUES[head] + sizes[head]);
  for (let m = 0; m < microBatches; m++) {
    const noteWeights = pool.input("note weight", m);
    for (const head of HEADS) {
      const losses = pool.output(head, m);
      const weights = head === "symbol" ? pool.input("weight", m) : noteWeights;
      const labels = pool.inputIds(head, m);
      weights.forEach((weight, i) => {
        if (weight === 0) return;
        const unknown = labels[i] === 0 && (head === "duration" || head === "step");
        const p = unknown ? 0 : Math.exp(-losses[i]);
        heads[head] -= Math.log((1 - UNSEEN_SHARE) * p + floor(head));
      });
    }
    events += noteWeights.reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0);
  }
  heads.symbol -= unseen.symbol * Math.log(floor("symbol"));
  return { heads, events };
}
