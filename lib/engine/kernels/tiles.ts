/**
 * Writes the innermost loops of the matrix product as AssemblyScript source: a tile of C stays in
 * registers while one packed panel of A and one of B stream past. They are written by a program
 * because the language has neither arrays of registers nor constant parameters.
 *
 * @module
 */

/** Shape of the tiles. */
export interface TileShape {
  /** Rows of the highest tile; lower ones down to 1 row are written too. */
  readonly rows: number;
  /** Columns of a tile, a multiple of 4. */
  readonly columns: number;
  /** Steps of depth in one turn of the loop. */
  readonly unroll: number;
}

/**
 * The source of the module `tiles`. 6 rows by 8 columns need 12 accumulators, 2 columns of B and
 * one broadcast element of A: 15 of the 16 vector registers of x86-64.
 */
export function tilesSource(shape: TileShape): string {
  const heights = Array.from({ length: shape.rows }, (_, i) => shape.rows - i);
  const wide = Math.max(32, shape.columns);
  return [
    `import { fma } from "./math";`,
    `export const TILE_ROWS: i32 = ${shape.rows};`,
    `export const COLUMNS: i32 = ${shape.columns};`,
    `export const WIDE_COLUMNS: i32 = ${wide};`,
    `// @ts-ignore: decorator`,
    `@inline`,
    `export function tile(rows: i32, a: usize, b: usize, c: usize, stride: usize, depth: i32, accumulate: bool): void {`,
    `  switch (rows) {`,
    ...heights.map((m) => `    case ${m}: tile${m}(a, b, c, stride, depth, accumulate); break;`),
    `  }`,
    `}`,
    ...heights.map((m) => tileSource(m, shape)),
    rowSource(shape, wide),
  ].join("\n");
}

/** One tile: `a` is packed [depth, rows], `b` packed [depth, columns]. */
function tileSource(rows: number, { columns, unroll }: TileShape): string {
  const vectors = columns / 4;
  const step = (k: number) => [
    ...range(vectors).map((v) => `b${v} = v128.load(b, ${(k * columns + v * 4) * 4});`),
    ...range(rows).flatMap((m) => [
      `x = v128.load32_splat(a, ${(k * rows + m) * 4});`,
      ...range(vectors).map((v) => `c${m}_${v} = fma(x, b${v}, c${m}_${v});`),
    ]),
  ];
  const bytes = { a: rows * 4, b: columns * 4 };
  return `
function tile${rows}(a: usize, b: usize, c: usize, stride: usize, depth: i32, accumulate: bool): void {
  const zero = f32x4.splat(0);
  ${range(vectors).map((v) => `let b${v} = zero;`).join(" ")}
  let x = zero;
  ${each(rows, vectors, (m, v) => `let c${m}_${v} = zero;`)}
  if (accumulate) {
    let from = c;
    ${
    range(rows).map((m) =>
      range(vectors).map((v) => `c${m}_${v} = v128.load(from, ${v * 16});`).join(" ") +
      " from += stride;"
    ).join("\n    ")
  }
  }
  for (; depth >= ${unroll}; depth -= ${unroll}) {
    ${range(unroll).flatMap(step).join("\n    ")}
    a += ${unroll * bytes.a};
    b += ${unroll * bytes.b};
  }
  for (; depth > 0; depth--) {
    ${step(0).join("\n    ")}
    a += ${bytes.a};
    b += ${bytes.b};
  }
  ${
    range(rows).map((m) =>
      range(vectors).map((v) => `v128.store(c, c${m}_${v}, ${v * 16});`).join(" ") +
      " c += stride;"
    ).join("\n  ")
  }
}`;
}

/** One row over \`wide\` columns: several panels of B at a time. */
function rowSource({ columns }: TileShape, wide: number): string {
  const panels = wide / columns;
  const vectors = columns / 4;
  return `
export function tileRow(a: usize, b: usize, panelBytes: usize, c: usize, depth: i32, accumulate: bool): void {
  const zero = f32x4.splat(0);
  ${range(panels).map((p) => `let p${p} = b + ${p} * panelBytes;`).join(" ")}
  ${each(panels, vectors, (p, v) => `let c${p}_${v} = zero;`)}
  if (accumulate) {
    ${each(panels, vectors, (p, v) => `c${p}_${v} = v128.load(c, ${(p * columns + v * 4) * 4});`)}
  }
  for (; depth > 0; depth--) {
    const x = v128.load32_splat(a);
    ${
    each(panels, vectors, (p, v) => `c${p}_${v} = fma(x, v128.load(p${p}, ${v * 16}), c${p}_${v});`)
  }
    a += 4;
    ${range(panels).map((p) => `p${p} += ${columns * 4};`).join(" ")}
  }
  ${each(panels, vectors, (p, v) => `v128.store(c, c${p}_${v}, ${(p * columns + v * 4) * 4});`)}
}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function each(rows: number, vectors: number, text: (m: number, v: number) => string): string {
  return range(rows).map((m) => range(vectors).map((v) => text(m, v)).join(" ")).join("\n  ");
}
