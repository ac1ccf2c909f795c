/**
 * Writes the activations of an LSTM as AssemblyScript source: one formula for 128-bit and 256-bit code.
 * They are written by a program for the reason that `tiles.ts` gives.
 *
 * @module
 */
import { ACTIVATION_AREA, type MultiplyAdd, multiplyAdd, range } from "./tiles.ts";

/** Statements that put an activation of four numbers, the variable `x`, into its place. */
type Formula = (x: string, fma: MultiplyAdd) => string[];

/** Vectors of four that the 256-bit code works on at a time, from first copy to last. */
const WIDE_VECTORS = 16;
/** Vectors of four at a time otherwise, because V8 makes the constants anew in every turn. */
const NARROW_VECTORS = 4;

/** 1.5 · 2²³ + 127, as `ROUND` in `assembly/math.ts`. */
const ROUND = 12583039;

/**
 * The module `activations`: `sigmoid` and `tanh` of a row of numbers. The 256-bit code copies them to
 * constant addresses and back, see `assembly/wide.ts`.
 */
export function activations(relaxed: boolean, wide: boolean): string {
  const fma = multiplyAdd(relaxed);
  return [
    `import { load4, store4 } from "./math";`,
    `/** y[j] = 1 / (1 + e^-x[j]); \`y\` may be the same memory as \`x\`. */`,
    activation("sigmoid", sigmoid, fma, wide),
    `/** y[j] = tanh x[j]; \`y\` may be the same memory as \`x\`. */`,
    activation("tanh", tanh, fma, wide),
  ].join("\n");
}

function activation(name: string, formula: Formula, fma: MultiplyAdd, wide: boolean): string {
  const vectors = wide ? WIDE_VECTORS : NARROW_VECTORS;
  const block = wide ? wideBlock(formula, fma) : narrowBlock(formula, fma);
  return `
export function ${name}(x: usize, y: usize, length: i32): void {
  for (; length >= ${4 * vectors}; length -= ${4 * vectors}) {
    ${block.join("\n    ")}
  }
  for (; length > 0; length -= 4) {
    let v = load4(x, length);
    ${formula("v", fma).join("\n    ")}
    store4(y, v, length);
    x += 16;
    y += 16;
  }
}`;
}

function narrowBlock(formula: Formula, fma: MultiplyAdd): string[] {
  const vectors = range(NARROW_VECTORS);
  return [
    ...vectors.map((i) => `let v${i} = v128.load(x, ${16 * i});`),
    ...vectors.flatMap((i) => formula(`v${i}`, fma)),
    ...vectors.map((i) => `v128.store(y, v${i}, ${16 * i});`),
    `x += ${16 * NARROW_VECTORS};`,
    `y += ${16 * NARROW_VECTORS};`,
  ];
}

function wideBlock(formula: Formula, fma: MultiplyAdd): string[] {
  const vectors = range(WIDE_VECTORS);
  const at = (i: number) => ACTIVATION_AREA + 16 * i;
  return [
    ...vectors.map((i) => `v128.store(0, v128.load(x), ${at(i)}); x += 16;`),
    ...vectors.map((i) => `let v${i} = v128.load(0, ${at(i)});`),
    ...vectors.flatMap((i) => formula(`v${i}`, fma)),
    ...vectors.map((i) => `v128.store(0, v${i ^ 1}, ${at(i ^ 1)});`),
    ...vectors.map((i) => `v128.store(y, v128.load(0, ${at(i)})); y += 16;`),
  ];
}

/**
 * 1 / (1 + e⁻ˣ), relative error below 2e-7; below -88.4 and above 87.3 it stops changing. The
 * exponential is that of `math.ts`, but the polynomial is that of -r, and the last product adds the 1.
 */
function sigmoid(x: string, fma: MultiplyAdd): string[] {
  const [shifted, n, r, p] = ["Shifted", "N", "R", "P"].map((suffix) => x + suffix);
  return [
    clamp(x, -88.37, 87.33),
    `let ${shifted} = ${fma(x, number(-1.44269504088896341), number(ROUND))};`,
    `let ${n} = f32x4.sub(${shifted}, ${number(ROUND)});`,
    `let ${r} = ${fma(n, number(0.693359375), x)};`,
    `${r} = ${fma(n, number(-2.12194440e-4), r)};`,
    ...polynomial(p, r, fma, [
      1.9875691500e-4,
      -1.3981999507e-3,
      8.3334519073e-3,
      -4.1665795894e-2,
      1.6666665459e-1,
      -5.0000001201e-1,
    ]),
    `${p} = f32x4.sub(${number(1)}, ${fma(`f32x4.mul(${p}, ${r})`, r, r)});`,
    `${x} = f32x4.div(${number(1)}, ${fma(p, `i32x4.shl(${shifted}, 23)`, number(1))});`,
  ];
}

/** tanh x, relative error below 4e-7: the rational approximation used by Eigen (order 13/6). */
function tanh(x: string, fma: MultiplyAdd): string[] {
  const [s, p, q] = ["S", "P", "Q"].map((suffix) => x + suffix);
  return [
    clamp(x, -7.90531110763549805, 7.90531110763549805),
    `let ${s} = f32x4.mul(${x}, ${x});`,
    ...polynomial(p, s, fma, [
      -2.76076847742355e-16,
      2.00018790482477e-13,
      -8.60467152213735e-11,
      5.12229709037114e-8,
      1.48572235717979e-5,
      6.37261928875436e-4,
      4.89352455891786e-3,
    ]),
    ...polynomial(q, s, fma, [
      1.19825839466702e-6,
      1.18534705686654e-4,
      2.26843463243900e-3,
      4.89352518554385e-3,
    ]),
    `${x} = f32x4.div(f32x4.mul(${x}, ${p}), ${q});`,
  ];
}

/** NaN stays NaN: pmin and pmax return their first argument when the comparison fails. */
function clamp(x: string, lowest: number, highest: number): string {
  return `${x} = f32x4.pmax(f32x4.pmin(${x}, ${number(highest)}), ${number(lowest)});`;
}

/** Declares `to` and sets it to a polynomial of `x`, highest power first (Horner's scheme). */
function polynomial(
  to: string,
  x: string,
  fma: MultiplyAdd,
  [highest, next, ...others]: number[],
): string[] {
  return [
    `let ${to} = ${fma(number(highest), x, number(next))};`,
    ...others.map((coefficient) => `${to} = ${fma(to, x, number(coefficient))};`),
  ];
}

function number(value: number): string {
  return `f32x4.splat(${value})`;
}
