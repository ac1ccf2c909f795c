// The product for 256-bit registers: tiles of 16 rows by 4 columns. The activations of the wide build
// (activations.ts beside this folder) use constant addresses for the same reason.
//
// V8 joins pairs of 128-bit operations to 256-bit ones (--experimental-wasm-revectorize) where no
// bounds check stands between them, and Deno has the bounds of every access checked, except at
// constant addresses. So 16 rows of A and the tile of C stand at constant addresses in the first
// bytes of the memory, which must be kept free for them, and a tile is written out without a loop.
// Four neighbours of B cost one check: V8 turns a load and four splatting shuffles into broadcasts.
import { CHUNK, DEPTH } from "./chunks";
import { load4, store4 } from "./math";
import { multiplyTiles, PANEL, panelHeight } from "./tiles";
import { transpose } from "./transpose";

/** Rows of a tile. */
const LANES: i32 = 16;
/** Columns of a tile. */
const COLUMNS: i32 = 4;
/** Rows for which a chunk of B is read once from far memory. */
const ROWS: i32 = 64;
/** Sums of a block, which stay in the second-level cache: the fewer rows, the more columns. */
const BLOCK: i32 = 32768;
/** Columns of a block that are written at a time: their sums stay in the first-level cache. */
const WRITTEN_COLUMNS: i32 = 64;

/** Bytes of scratch that a product needs. */
export function gemmScratchBytes(): i32 {
  return BLOCK << 2;
}

/** Bytes of a packed matrix of `depth` rows and `columns` columns. */
export function packedBytes(depth: i32, columns: i32): i32 {
  const width = roundUp(columns, COLUMNS);
  const whole = depth / CHUNK * CHUNK;
  const rest = depth > whole ? heightOf(depth - whole, depth) : 0;
  return ((whole + rest) * width) << 2;
}

/** Height of the panels of a chunk of so many terms in a packed matrix of `depth` rows. */
@inline
function heightOf(terms: i32, depth: i32): i32 {
  return depth == 1 ? 1 : panelHeight(terms);
}

@inline
function roundUp(x: i32, unit: i32): i32 {
  return (x + unit - 1) / unit * unit;
}

/**
 * Packs B [depth, columns], whose rows are `stride` bytes apart: chunk after chunk, in a chunk
 * panel after panel of COLUMNS columns, each row after row; what is missing in a panel is 0. A
 * single row stays as it is.
 */
export function packRows(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  packParts(b, 0, b, stride, depth, columns, packed);
}

/** Packs a matrix whose first `headDepth` rows stand at `head`; those at `b` follow. */
function packParts(
  head: usize,
  headDepth: i32,
  b: usize,
  stride: usize,
  depth: i32,
  columns: i32,
  packed: usize,
): void {
  b -= usize(headDepth) * stride;
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const fromHead = max(0, min(headDepth - k, terms));
    const height = heightOf(terms, depth);
    const down = usize(k) * stride;
    packed = packChunk(head + down, fromHead, b + down, stride, terms, height, columns, packed);
  }
}

/** Packs a chunk of `terms` rows into panels of `height` rows and returns their end. */
function packChunk(
  head: usize,
  headTerms: i32,
  b: usize,
  stride: usize,
  terms: i32,
  height: i32,
  columns: i32,
  packed: usize,
): usize {
  const panelBytes = usize(height * COLUMNS) << 2;
  const headBytes = usize(headTerms * COLUMNS) << 2;
  b += usize(headTerms) * stride;
  for (let n = 0; n < columns; n += 4 * COLUMNS) {
    const at = usize(n) << 2;
    const left = columns - n;
    packPanels(head + at, stride, headTerms, left, packed, panelBytes);
    packPanels(b + at, stride, terms - headTerms, left, packed + headBytes, panelBytes);
    for (let i = n; i < min(n + 4 * COLUMNS, columns); i += COLUMNS) {
      packed = clear(packed + (usize(terms * COLUMNS) << 2), (height - terms) * COLUMNS);
    }
  }
  return packed;
}

/** Packs up to four panels, whose rows share cache lines; `columns` exist. */
function packPanels(
  from: usize,
  stride: usize,
  terms: i32,
  columns: i32,
  packed: usize,
  panelBytes: usize,
): void {
  if (columns >= 4 * COLUMNS) return packFour(from, stride, terms, packed, panelBytes);
  for (let n = 0; n < columns; n += COLUMNS) {
    let row = from + (usize(n) << 2);
    for (let k = 0; k < terms; k++) {
      v128.store(packed + (usize(k * COLUMNS) << 2), load4(row, columns - n));
      row += stride;
    }
    packed += panelBytes;
  }
}

/** Packs four whole panels. */
function packFour(
  from: usize,
  stride: usize,
  terms: i32,
  packed: usize,
  panelBytes: usize,
): void {
  const second = packed + panelBytes;
  const third = second + panelBytes;
  const fourth = third + panelBytes;
  for (let i = 0; i < terms; i++) {
    const at = usize(i * COLUMNS) << 2;
    v128.store(packed + at, v128.load(from));
    v128.store(second + at, v128.load(from, 16));
    v128.store(third + at, v128.load(from, 32));
    v128.store(fourth + at, v128.load(from, 48));
    from += stride;
  }
}

/** Packs the transpose of B [columns, depth], whose rows are `stride` bytes apart. */
export function packColumns(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const height = heightOf(terms, depth);
    for (let n = 0; n < columns; n += COLUMNS) {
      const from = b + usize(n) * stride + (usize(k) << 2);
      transpose(from, stride, columns - n, terms, packed, COLUMNS << 2);
      packed = clear(packed + (usize(terms * COLUMNS) << 2), (height - terms) * COLUMNS);
    }
  }
}

/** Sets `length` floats to 0 and returns their end. */
function clear(from: usize, length: i32): usize {
  const bytes = usize(length) << 2;
  memory.fill(from, 0, bytes);
  return from + bytes;
}

/** C = A·B, or C += A·B, as `gemm` describes it. */
export function multiply(
  a: usize,
  aStride: usize,
  b: usize,
  c: usize,
  cStride: usize,
  M: i32,
  N: i32,
  K: i32,
  accumulate: bool,
  scratch: usize,
): void {
  multiplyBlocks(a, aStride, false, b, c, cStride, M, N, K, accumulate, scratch);
}

/**
 * C [M,N] = Xᵀ·Y, as `gemmTurnedOfParts` describes it: the transpose of Yᵀ·X, whose factors need no
 * turning.
 */
export function multiplyTurned(
  head: usize,
  headDepth: i32,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  c: usize,
  cStride: usize,
  M: i32,
  N: i32,
  K: i32,
  packed: usize,
  scratch: usize,
): void {
  packParts(head, headDepth, x, xStride, K, M, packed);
  multiplyBlocks(y, yStride, true, packed, c, cStride, N, M, K, false, scratch);
}

/** C = A·B, or C += A·B; `turned`: A and C are given as their transposes. */
function multiplyBlocks(
  a: usize,
  aStride: usize,
  turned: bool,
  b: usize,
  c: usize,
  cStride: usize,
  M: i32,
  N: i32,
  K: i32,
  accumulate: bool,
  scratch: usize,
): void {
  const width = roundUp(N, COLUMNS);
  const blockColumns = BLOCK / roundUp(min(M, ROWS), LANES) / COLUMNS * COLUMNS;
  for (let k = 0; k < K; k += DEPTH) {
    const depth = min(K - k, DEPTH);
    const add = accumulate || k > 0;
    const block = b + (usize(k * width) << 2);
    for (let m = 0; m < M; m += ROWS) {
      const from = turned ? element(a, aStride, k, m) : element(a, aStride, m, k);
      const rows = min(M - m, ROWS);
      for (let n = 0; n < N; n += blockColumns) {
        const columns = min(N - n, blockColumns);
        multiplyBlock(from, aStride, turned, block, width, n, rows, columns, depth, scratch);
        if (turned) writeTurned(scratch, element(c, cStride, n, m), cStride, rows, columns, add);
        else writeSums(scratch, element(c, cStride, m, n), cStride, rows, columns, add);
      }
    }
  }
}

/** The address of an element of a matrix whose rows are `stride` bytes apart. */
@inline
function element(matrix: usize, stride: usize, row: i32, column: i32): usize {
  return matrix + usize(row) * stride + (usize(column) << 2);
}

/**
 * sums = a block of A · `columns` columns from column `n` of a block of B, which has `width` of
 * them: for each 16 rows a matrix [columns, 16].
 */
function multiplyBlock(
  a: usize,
  aStride: usize,
  turned: bool,
  b: usize,
  width: i32,
  n: i32,
  rows: i32,
  columns: i32,
  depth: i32,
  sums: usize,
): void {
  const tiles = (columns + COLUMNS - 1) / COLUMNS;
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const height = panelHeight(terms);
    const panel = b + (usize(k * width + n * height) << 2);
    let to = sums;
    for (let m = 0; m < rows; m += LANES) {
      if (turned) copyPanel(element(a, aStride, k, m), aStride, rows - m, terms);
      else turnPanel(element(a, aStride, m, k), aStride, rows - m, terms);
      clear(PANEL + (usize(terms * LANES) << 2), (height - terms) * LANES);
      multiplyTiles(terms, k > 0, panel, to, tiles);
      to += usize(tiles * COLUMNS * LANES) << 2;
    }
  }
}

/** Puts 16 rows of A (`rows` of them exist, the others are 0) into the panel. */
function turnPanel(a: usize, stride: usize, rows: i32, terms: i32): void {
  for (let m = 0; m < LANES; m += 4) {
    const to = PANEL + (usize(m) << 2);
    transpose(a + usize(m) * stride, stride, rows - m, terms, to, LANES << 2);
  }
}

/** The same for an A that is given as its transpose. */
function copyPanel(a: usize, stride: usize, rows: i32, terms: i32): void {
  if (rows >= LANES) return copyWholeRows(a, stride, terms, PANEL);
  for (let k = 0; k < terms; k++) {
    for (let m = 0; m < LANES; m += 4) {
      const at = usize(m) << 2;
      v128.store(PANEL + (usize(k * LANES) << 2) + at, load4(a + at, rows - m));
    }
    a += stride;
  }
}

function copyWholeRows(from: usize, stride: usize, count: i32, to: usize): void {
  for (let k = 0; k < count; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    from += stride;
    to += LANES << 2;
  }
}

/** Sets or adds the sums, which stand transposed, to C. */
function writeSums(
  sums: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  const groupBytes = usize(roundUp(columns, COLUMNS) * LANES) << 2;
  for (let m = 0; m < rows; m += LANES) {
    const height = min(rows - m, LANES);
    for (let n = 0; n < columns; n += WRITTEN_COLUMNS) {
      const width = min(columns - n, WRITTEN_COLUMNS);
      const from = sums + (usize(n * LANES) << 2);
      const to = c + (usize(n) << 2);
      for (let i = 0; i < height; i += 4) {
        const across = usize(i) << 2;
        writeFourRows(from + across, to + usize(i) * cStride, cStride, height - i, width, add);
      }
    }
    sums += groupBytes;
    c += cStride * LANES;
  }
}

/** Sets or adds the transpose of `columns` by 4 sums to four rows of C, of which `rows` exist. */
function writeFourRows(
  sums: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  const second = c + cStride;
  const third = second + cStride;
  const fourth = third + cStride;
  for (let n = 0; n < columns; n += 4) {
    const p = v128.load(sums);
    const q = v128.load(sums, LANES * 4);
    const r = v128.load(sums, LANES * 8);
    const s = v128.load(sums, LANES * 12);
    const pq = v128.shuffle<f32>(p, q, 0, 4, 1, 5);
    const rs = v128.shuffle<f32>(r, s, 0, 4, 1, 5);
    const pq2 = v128.shuffle<f32>(p, q, 2, 6, 3, 7);
    const rs2 = v128.shuffle<f32>(r, s, 2, 6, 3, 7);
    const at = usize(n) << 2;
    const count = columns - n;
    write4(c + at, v128.shuffle<f32>(pq, rs, 0, 1, 4, 5), count, add);
    if (rows > 1) write4(second + at, v128.shuffle<f32>(pq, rs, 2, 3, 6, 7), count, add);
    if (rows > 2) write4(third + at, v128.shuffle<f32>(pq2, rs2, 0, 1, 4, 5), count, add);
    if (rows > 3) write4(fourth + at, v128.shuffle<f32>(pq2, rs2, 2, 3, 6, 7), count, add);
    sums += LANES * 16;
  }
}

/** Sets or adds the sums to C, which is given as its transpose. */
function writeTurned(
  sums: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  const groupBytes = usize(roundUp(columns, COLUMNS) * LANES) << 2;
  for (let n = 0; n < columns; n++) {
    let from = sums + (usize(n * LANES) << 2);
    for (let m = 0; m < rows; m += LANES) {
      for (let i = 0; i < min(rows - m, LANES); i += 4) {
        const at = usize(i) << 2;
        write4(c + (usize(m) << 2) + at, v128.load(from + at), rows - m - i, add);
      }
      from += groupBytes;
    }
    c += cStride;
  }
}

@inline
function write4(c: usize, x: v128, count: i32, add: bool): void {
  store4(c, add ? f32x4.add(load4(c, count), x) : x, count);
}
