/**
 * Writes the innermost loops of the matrix product as AssemblyScript source: a tile of C stays in
 * registers while a panel of A and one of B stream past. They are written by a program because the
 * language has neither arrays of registers nor constant parameters.
 *
 * @module
 */

/** Terms of one chain, as in `assembly/chunks.ts`. */
const CHUNK = 64;
/** The numbers of terms for which there is code of its own; fewer are filled up with zeros. */
const TERMS = [32, CHUNK];
/** First byte of the wide build's own area; the lowest addresses stay free as a trap for null. */
const AREA = 1024;
/** Where 16 rows of A stand: [CHUNK, 16]. */
const PANEL = AREA;
/** Where a tile of C stands on its way to the sums: [4, 16]. */
const RESULT = PANEL + CHUNK * 16 * 4;
/** Where the numbers stand of which an activation is computed. */
export const ACTIVATION_AREA = RESULT + 4 * 16 * 4;

/**
 * The module `tiles` for 128-bit registers: tiles of 1 to 6 rows by 8 columns. The highest needs 12
 * accumulators, 2 vectors of B and one broadcast element of A: 15 registers, which is all that V8
 * gives out of the 16 of x86-64.
 */
export function narrowTiles(relaxed: boolean): string {
  const fma = multiplyAdd(relaxed);
  const heights = range(6).map((i) => 6 - i);
  return [
    `/** sums [rows, 8] += a [depth, rows], transposed · b [depth, 8]. */`,
    `export function tile(rows: i32, a: usize, b: usize, sums: usize, depth: i32): void {`,
    `  switch (rows) {`,
    ...heights.map((m) => `    case ${m}: tile${m}(a, b, sums, depth); break;`),
    `  }`,
    `}`,
    ...heights.map((rows) => narrowTile(rows, fma)),
    addRow(fma),
  ].join("\n");
}

/** The text of a · b + c. */
export type MultiplyAdd = (a: string, b: string, c: string) => string;

/**
 * a · b + c as one operation or two. Not by a function of `math.ts`: without the optimiser an
 * inlined call leaves a block behind, and V8 does not join operations of different blocks.
 */
export function multiplyAdd(relaxed: boolean): MultiplyAdd {
  return (a, b, c) =>
    relaxed ? `f32x4.relaxed_madd(${a}, ${b}, ${c})` : `f32x4.add(f32x4.mul(${a}, ${b}), ${c})`;
}

function narrowTile(rows: number, fma: MultiplyAdd): string {
  const unroll = 4;
  // Addresses are added up rather than given as offsets of one base: then V8 compares all of them
  // with the same limit, which it keeps in a register.
  const step = (k: number) =>
    [
      ...range(2).map((v) => `b${v} = v128.load(b, ${(k * 8 + v * 4) * 4});`),
      ...range(rows).flatMap((m) => [
        `x = v128.load32_splat(a + ${(k * rows + m) * 4});`,
        ...range(2).map((v) => `c${m}_${v} = ${fma("x", `b${v}`, `c${m}_${v}`)};`),
      ]),
    ].join("\n    ");
  return `
function tile${rows}(a: usize, b: usize, sums: usize, depth: i32): void {
  const zero = f32x4.splat(0);
  let x = zero, b0 = zero, b1 = zero;
  ${grid(rows, 2, (m, v) => `let c${m}_${v} = zero;`)}
  for (; depth >= ${unroll}; depth -= ${unroll}) {
    ${range(unroll).map(step).join("\n    ")}
    a += ${unroll * rows * 4};
    b += ${unroll * 32};
  }
  for (; depth > 0; depth--) {
    ${step(0)}
    a += ${rows * 4};
    b += 32;
  }
  ${addToSums(rows, 2, (m, v) => `c${m}_${v}`)}
}`;
}

/**
 * The module `tiles` for 256-bit registers: 16 rows by 4 columns, a chunk without a loop over its
 * terms. The pointers move on with every access: then V8 needs one limit and three base addresses for
 * all of them, which stay in registers; with growing offsets it computes each anew, a fifth of all
 * instructions. Of a pair the upper half is stored first: the other way round V8 stores the lower half
 * once more on its own, and what is read next waits for both.
 */
export function wideTiles(): string {
  const fma = multiplyAdd(true);
  const at = (n: number, v: number) => RESULT + (n * 16 + v * 4) * 4;
  const step = (k: number) =>
    [
      ...range(4).map((v) => `a${v} = v128.load(0, ${PANEL + (k * 16 + v * 4) * 4});`),
      `four = v128.load(b);`,
      `b += 16;`,
      ...range(4).flatMap((n) => [
        `x = v128.shuffle<f32>(four, four, ${n}, ${n}, ${n}, ${n});`,
        ...range(4).map((v) => `c${n}_${v} = ${fma("x", `a${v}`, `c${n}_${v}`)};`),
      ]),
    ].join("\n    ");
  // Set, a sum is added to 0 all the same: -0 becomes 0, as it does where sums begin with zeros.
  const write = (from: number, add: boolean) => {
    const before = add ? "v128.load(sums)" : "zero";
    return `v128.store(sums, f32x4.add(${before}, v128.load(0, ${from}))); sums += 16;`;
  };
  const name = (terms: number, add: boolean) => `${add ? "add" : "set"}Tiles${terms}`;
  const choice = (terms: number) =>
    [true, false].map((add) =>
      `if (${add ? "" : "!"}add && terms <= ${terms}) return ${name(terms, add)}(b, sums, count);`
    ).join("\n  ");
  const tiles = (terms: number, add: boolean) => `
function ${name(terms, add)}(b: usize, sums: usize, count: i32): void {
  for (; count > 0; count--) {
    const zero = f32x4.splat(0);
    let x: v128, four: v128, a0: v128, a1: v128, a2: v128, a3: v128;
    ${grid(4, 4, (n, v) => `let c${n}_${v} = zero;`)}
    ${range(terms).map(step).join("\n    ")}
    ${grid(4, 4, (n, v) => `v128.store(0, c${n}_${v ^ 1}, ${at(n, v ^ 1)});`)}
    ${grid(4, 4, (n, v) => write(at(n, v), add))}
  }
}`;
  return `
/** Where 16 rows of A stand: [${CHUNK}, 16]. */
export const PANEL: usize = ${PANEL};
/** Terms that a panel of so many is filled up to. */
export function panelHeight(terms: i32): i32 {
  return ${TERMS.map((most) => most < CHUNK ? `terms <= ${most} ? ${most} : ` : most).join("")};
}
/** sums [4 · count, 16] = or += B · panel, for \`count\` panels of B [panelHeight(terms), 4]. */
export function multiplyTiles(terms: i32, add: bool, b: usize, sums: usize, count: i32): void {
  ${TERMS.map(choice).join("\n  ")}
}
${TERMS.flatMap((terms) => [tiles(terms, true), tiles(terms, false)]).join("\n")}`;
}

/** The module `tiles` of the probe. */
export function probeTiles(): string {
  return `${probe("few", 12)}\n${probe("many", 24)}`;
}

function probe(name: string, sums: number): string {
  const lines = (text: (i: number) => string) => range(sums).map(text).join("\n  ");
  const fma = multiplyAdd(true);
  return `
export function ${name}(turns: i32): void {
  const one = f32x4.splat(1);
  ${lines((i) => `let s${i} = v128.load(0, ${16 * i});`)}
  do {
    ${lines((i) => `s${i} = ${fma("one", "one", `s${i}`)};`)}
  } while (--turns > 0);
  ${lines((i) => `v128.store(0, s${i}, ${16 * i});`)}
}`;
}

/** One row over 32 columns, several panels of \`columns\` columns at a time. */
function addRow(fma: MultiplyAdd): string {
  const panels = 4;
  const vectors = 2;
  const add = (p: number, v: number) =>
    `c${p}_${v} = ${fma("x", `v128.load(p${p}, ${v * 16})`, `c${p}_${v}`)};`;
  return `
/** sums [32] += a [depth] · b, whose panels are \`panelBytes\` apart. */
export function addRow(a: usize, b: usize, panelBytes: usize, sums: usize, depth: i32): void {
  const zero = f32x4.splat(0);
  ${range(panels).map((p) => `let p${p} = b + ${p} * panelBytes;`).join(" ")}
  ${grid(panels, vectors, (p, v) => `let c${p}_${v} = zero;`)}
  for (; depth > 0; depth--) {
    const x = v128.load32_splat(a);
    ${grid(panels, vectors, add)}
    a += 4;
    ${range(panels).map((p) => `p${p} += 32;`).join(" ")}
  }
  ${addToSums(panels, vectors, (p, v) => `c${p}_${v}`)}
}`;
}

/** sums += values, row after row. */
function addToSums(
  rows: number,
  vectors: number,
  value: (row: number, vector: number) => string,
): string {
  return grid(rows, vectors, (row, vector) => {
    const at = (row * vectors + vector) * 16;
    return `v128.store(sums, f32x4.add(v128.load(sums, ${at}), ${value(row, vector)}), ${at});`;
  });
}

/** 0 to `count` - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function grid(rows: number, vectors: number, text: (m: number, v: number) => string): string {
  return range(rows).map((m) => range(vectors).map((v) => text(m, v)).join(" ")).join("\n  ");
}
