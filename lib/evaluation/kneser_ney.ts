/**
 * Modified Kneser–Ney smoothing, interpolated, over any ordered list of context features.
 *
 * An n-gram is the special case in which feature 1 is the token before, feature 2 the one before
 * that, and so on. Backing off drops the last feature of the list, so the list goes from the most
 * telling feature to the least. Source: S. F. Chen and J. Goodman, "An empirical study of smoothing
 * techniques for language modeling", Computer Speech and Language 13 (1999), section 3 (equations
 * for D1, D2, D3+); lower orders count distinct left extensions as in R. Kneser and H. Ney (1995).
 *
 * @module
 */
import { doubled, PairTable } from "./pair_table.ts";

/**
 * Marks a context feature, and all after it, as absent. The feature before it stands for the start
 * of the piece: nothing lies before it, so contexts that end there keep their full counts.
 */
export const NO_FEATURE = -1;

/** What {@linkcode trainKneserNey} learns from: one row for each observed outcome. */
export interface Observations {
  /** Outcomes: integers of at least 0. `[rows]` */
  readonly targets: Int32Array;
  /**
   * Context features of every row, most telling first: integers of at least 0, or
   * {@linkcode NO_FEATURE} from some place on. `[rows × depth]`
   */
  readonly contexts: Int32Array;
  /** Features in a row. */
  readonly depth: number;
  /** How many different outcomes there are, seen or not. */
  readonly outcomes: number;
}

/** A smoothed conditional distribution p(target | context). */
export interface KneserNey {
  /** Features that a context has at most. */
  readonly depth: number;
  /**
   * p(`target` | the features at `contexts[offset … offset + depth)`), greater than 0. All unseen
   * targets have the same.
   */
  probability(contexts: Int32Array, offset: number, target: number): number;
}

/** Discounts of counts 1, 2 and 3 or more; index 0 stands for "unseen". */
type Discounts = readonly [0, number, number, number];

/**
 * Learns the distribution of the targets of `rows` given their contexts.
 *
 * Time and memory grow with rows × depth in the worst case.
 */
export function trainKneserNey(rows: Observations): KneserNey {
  const { targets, contexts, depth, outcomes } = rows;
  const nodes = new PairTable();
  const pairs = new PairTable();
  const counts = new Counters();
  const path = new Int32Array(depth + 1);
  nodes.insert(ROOT, ROOT);
  for (let row = 0; row < targets.length; row++) {
    let length = 0;
    for (; length < depth; length++) {
      const feature = contexts[row * depth + length];
      if (feature === NO_FEATURE) break;
      path[length + 1] = nodes.insert(path[length], feature);
    }
    // A pair seen for the first time in a long context is one more distinct extension of the pair
    // in the context one shorter; a pair seen again is not.
    for (let level = length; level >= 0; level--) {
      const seen = pairs.size;
      counts.increment(pairs.insert(path[level], targets[row]));
      if (pairs.size === seen) break;
    }
  }
  const { total, backoff, discounts } = summarise(nodes, pairs, counts, depth);
  const probability = (contexts: Int32Array, offset: number, target: number) => {
    let p = 1 / outcomes;
    let node = 0;
    for (let level = 0; node >= 0; level++) {
      if (total[node] > 0) {
        const pair = pairs.find(node, target);
        const count = pair < 0 ? 0 : counts.values[pair];
        const kept = count - discounts[level][Math.min(count, 3)];
        p = kept / total[node] + backoff[node] * p;
      }
      const feature = level < depth ? contexts[offset + level] : NO_FEATURE;
      node = feature === NO_FEATURE ? -1 : nodes.find(node, feature);
    }
    return p;
  };
  return { depth, probability };
}

/** The parent of the empty context. */
const ROOT = -1;

/** What backing off needs to know about each context. */
interface Summary {
  /** Σ of the counts of its targets. `[nodes]` */
  readonly total: Float64Array;
  /** Share of the probability that is left to the shorter context. `[nodes]` */
  readonly backoff: Float64Array;
  /** Discounts by number of features. `[depth + 1]` */
  readonly discounts: readonly Discounts[];
}

/** Adds up the counts of every context and estimates the discounts of every length of context. */
function summarise(nodes: PairTable, pairs: PairTable, counts: Counters, depth: number): Summary {
  const levels = new Uint8Array(nodes.size);
  for (let node = 1; node < nodes.size; node++) levels[node] = levels[nodes.first(node)] + 1;
  const countOfCounts = Array.from({ length: depth + 1 }, () => [0, 0, 0, 0, 0]);
  for (let pair = 0; pair < pairs.size; pair++) {
    const count = counts.values[pair];
    if (count <= 4) countOfCounts[levels[pairs.first(pair)]][count]++;
  }
  const discounts = countOfCounts.map(estimateDiscounts);
  const total = new Float64Array(nodes.size);
  const backoff = new Float64Array(nodes.size);
  for (let pair = 0; pair < pairs.size; pair++) {
    const node = pairs.first(pair);
    const count = counts.values[pair];
    total[node] += count;
    backoff[node] += discounts[levels[node]][Math.min(count, 3)];
  }
  for (let node = 0; node < nodes.size; node++) if (total[node] > 0) backoff[node] /= total[node];
  return { total, backoff, discounts };
}

/**
 * Chen and Goodman's D1, D2, D3+ from the numbers of pairs counted once, twice, … `n[1]` … `n[4]`.
 * Where there is too little data for them, the single discount n1 / (n1 + 2 n2), and 1/2 where not
 * even that is defined.
 */
function estimateDiscounts(n: readonly number[]): Discounts {
  const y = n[1] > 0 && n[2] > 0 ? n[1] / (n[1] + 2 * n[2]) : 0.5;
  const modified = [1, 2, 3].map((c) => c - (c + 1) * y * n[c + 1] / n[c]);
  const usable = modified.every((discount, i) => discount > 0 && discount < i + 1);
  const [d1, d2, d3] = usable ? modified : [y, y, y];
  return [0, d1, d2, d3];
}

/** Counters that all start at 0. */
class Counters {
  values = new Int32Array(1 << 10);

  /** Adds 1 to the counter `index`, at most one past the largest index so far. */
  increment(index: number): void {
    if (index === this.values.length) this.values = doubled(this.values);
    this.values[index]++;
  }
}
