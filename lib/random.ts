/**
 * The seeded generator behind every random choice of the program: initial weights, order of the
 * batches, dropout, sampling. Same seed, same numbers, on every machine.
 *
 * @module
 */

/** The complete state of a {@linkcode Prng}: four unsigned 32-bit words. */
export type PrngState = readonly [number, number, number, number];

/** A seeded source of random numbers. */
export interface Prng {
  /** The next integer in [0, 2³²). */
  uint32(): number;
  /** The next number in [0, 1), with 32 random bits. */
  uniform(): number;
  /** The next integer in [0, limit); `limit` is a positive integer of at most 2³². */
  below(limit: number): number;
  /** The next normally distributed number (mean 0, variance 1; Box–Muller, one of each pair). */
  normal(): number;
  /** A copy of `items` in random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[];
  /** The state, from which {@linkcode restorePrng} continues. */
  state(): PrngState;
}

/**
 * A generator that depends on `seed` and `stream` only. Different streams of one seed are
 * independent, so that drawing more numbers in one place changes nothing elsewhere.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), its state filled by splitmix32.
 *
 * @param seed unsigned 32-bit integer, 0 included
 * @param stream name of the purpose, for example `"weights"`
 *
 * @example
 * ```ts
 * import { createPrng } from "./random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(createPrng(1, "weights").uint32(), createPrng(1, "weights").uint32());
 * ```
 */
export function createPrng(seed: number, stream = ""): Prng {
  let x = seed >>> 0;
  const next = () => {
    x = (x + 0x9e3779b9) >>> 0;
    return mix(x);
  };
  const a = next();
  for (const character of stream) x = mix(x ^ character.codePointAt(0)!);
  const prng = restorePrng([a, next(), next(), 1]);
  for (let i = 0; i < 12; i++) prng.uint32();
  return prng;
}

/** The generator that continues from `state`. */
export function restorePrng(state: PrngState): Prng {
  let [a, b, c, counter] = state;
  const uint32 = () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  const uniform = () => uint32() / 2 ** 32;
  const below = (limit: number) => {
    const tail = 2 ** 32 % limit;
    let draw = uint32();
    while (draw < tail) draw = uint32();
    return draw % limit;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const shuffled = <T>(items: readonly T[]) => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  };
  return { uint32, uniform, below, normal, shuffled, state: () => [a, b, c, counter] };
}

/** The finaliser of splitmix32: every bit of the result depends on every bit of `x`. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
