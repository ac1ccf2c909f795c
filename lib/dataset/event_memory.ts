/**
 * A memory of what followed what: after the last few events, which event came next, in any key.
 * Two of them help the network predict: one of the whole corpus, one of the piece so far.
 *
 * It is a back-off model over events: the longest context that was met gives most of the
 * probability, and absolute discounting (Ney, Essen & Kneser 1994) leaves the rest to shorter ones.
 *
 * @module
 */

/** Longest context in events. */
export const LONGEST_CONTEXT = 12;
/** Taken from every count and given to the shorter contexts. */
const DISCOUNT = 0.5;
/** Shorter contexts are left out when less than this is left for them. */
const NEGLIGIBLE = 2e-3;

/** What a memory expects. */
export interface Expectation {
  /** Token → probability; together at most 1. */
  readonly probabilities: ReadonlyMap<number, number>;
  /** Length of the longest context that was met, 0 if none was. */
  readonly contextLength: number;
  /** How often that context was met. */
  readonly count: number;
  /** The probability of the likeliest token. */
  readonly top: number;
}

/** The expectation of one who knows nothing. */
export const NOTHING_EXPECTED: Expectation = {
  probabilities: new Map(),
  contextLength: 0,
  count: 0,
  top: 0,
};

type Counts = Map<number, number>;

/** Counts of the tokens that followed each context. */
export class EventMemory {
  readonly #contexts = new Map<number, Counts>();

  /** Remembers a whole sequence. */
  learn(tokens: readonly number[]): void {
    const contexts = contextsOf(tokens);
    for (let i = 0; i < tokens.length; i++) this.learnOne(contexts[i], tokens[i]);
  }

  /** Remembers that `next` followed these contexts. */
  learnOne(contexts: readonly number[], next: number): void {
    for (const context of contexts) {
      let counts = this.#contexts.get(context);
      if (!counts) this.#contexts.set(context, counts = new Map());
      counts.set(next, (counts.get(next) ?? 0) + 1);
    }
  }

  /**
   * What is expected after these contexts (shortest first).
   *
   * @param without a memory whose counts are taken away first: of the piece itself, when it is among
   * those that this memory has learned
   */
  expect(contexts: readonly number[], without?: EventMemory): Expectation {
    const probabilities = new Map<number, number>();
    let [mass, contextLength, count] = [1, 0, 0];
    for (let k = contexts.length - 1; k >= 0 && mass > NEGLIGIBLE; k--) {
      const all = this.#contexts.get(contexts[k]);
      if (!all) continue;
      const own = without ? without.#contexts.get(contexts[k]) : undefined;
      let [total, kinds] = [0, 0];
      for (const [token, times] of all) {
        const rest = times - (own?.get(token) ?? 0);
        if (rest <= 0) continue;
        total += rest;
        kinds++;
      }
      if (total === 0) continue;
      if (contextLength === 0) [contextLength, count] = [k + 1, total];
      for (const [token, times] of all) {
        const rest = times - (own?.get(token) ?? 0);
        if (rest <= 0) continue;
        const share = mass * (rest - DISCOUNT) / total;
        probabilities.set(token, (probabilities.get(token) ?? 0) + share);
      }
      mass *= DISCOUNT * kinds / total;
    }
    return { probabilities, contextLength, count, top: Math.max(0, ...probabilities.values()) };
  }
}

/** The contexts at the end of a history: hashes of its last 1, 2, … tokens. */
export function contextsAfter(history: readonly number[]): number[] {
  const contexts: number[] = [];
  let hash = 0;
  for (let k = 1; k <= Math.min(LONGEST_CONTEXT, history.length); k++) {
    hash = mix(hash, history[history.length - k], k);
    contexts.push(hash);
  }
  return contexts;
}

/** The contexts before each token of a sequence; the start of the piece counts as token 0. */
export function contextsOf(tokens: readonly number[]): number[][] {
  const history = [0];
  return tokens.map((token) => {
    const contexts = contextsAfter(history);
    history.push(token);
    return contexts;
  });
}

/** A 53-bit hash of a longer context from that of a shorter one. */
function mix(hash: number, token: number, length: number): number {
  let low = Math.imul((hash >>> 0) ^ Math.imul(token + 1, 0x9e3779b1), 0x85ebca6b) + length;
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d);
  let high = Math.imul(Math.floor(hash / 2 ** 32) ^ Math.imul(token + 7, 0xc2b2ae35), 0x27d4eb2f);
  high = Math.imul(high ^ (high >>> 13) ^ low, 0x165667b1);
  return ((high >>> 11) * 2 ** 32) + ((low ^ (low >>> 16)) >>> 0);
}
