// Matrix products with a packed right factor.
//
// Every element of C is one chain of fused multiply-adds in the order of k, whatever tile it falls into and
// however the loops are blocked. So a row of C depends on that row of A and on B only, not on the
// number of rows, and one-row steps give the bits of whole sequences.
import { load4, store4 } from "./math";
import { COLUMNS, tile, tileRow, TILE_ROWS, WIDE_COLUMNS } from "./tiles";

/** Depth of a block: a packed panel of B of this depth stays in the first-level cache. */
const BLOCK_DEPTH: i32 = 512;
/** Rows of a block: the packed block of A stays in the second-level cache. */
const BLOCK_ROWS: i32 = 60;

/** Bytes of scratch that {@linkcode gemm} needs. */
export function gemmScratchBytes(): i32 {
  return (BLOCK_DEPTH * BLOCK_ROWS + TILE_ROWS * COLUMNS) << 2;
}

/** Bytes of a packed matrix of `depth` rows and `columns` columns. */
export function packedBytes(depth: i32, columns: i32): i32 {
  return (depth * ((columns + COLUMNS - 1) / COLUMNS) * COLUMNS) << 2;
}

/**
 * Packs B [depth, columns], whose rows are `stride` bytes apart, into panels of COLUMNS columns, each
 * panel row after row; missing columns are 0.
 */
export function packRows(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  let panel = packed;
  for (let n = 0; n < columns; n += COLUMNS) {
    const count = min(columns - n, COLUMNS);
    let row = b + (usize(n) << 2);
    for (let k = 0; k < depth; k++) {
      if (count == COLUMNS) {
        for (let j = 0; j < COLUMNS; j += 4) {
          v128.store(panel + (usize(j) << 2), v128.load(row + (usize(j) << 2)));
        }
      } else {
        for (let j = 0; j < COLUMNS; j++) {
          store<f32>(panel + (usize(j) << 2), j < count ? load<f32>(row + (usize(j) << 2)) : 0);
        }
      }
      row += stride;
      panel += COLUMNS << 2;
    }
  }
}

/** Packs the transpose of B [columns, depth], whose rows are `stride` bytes apart. */
export function packColumns(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  let panel = packed;
  for (let n = 0; n < columns; n += COLUMNS) {
    const count = min(columns - n, COLUMNS);
    const from = b + usize(n) * stride;
    for (let k = 0; k < depth; k++) {
      let column = from + (usize(k) << 2);
      for (let j = 0; j < COLUMNS; j++) {
        store<f32>(panel + (usize(j) << 2), j < count ? load<f32>(column) : 0);
        column += stride;
      }
      panel += COLUMNS << 2;
    }
  }
}

/**
 * C [M,N] = A·B, or C += A·B with `accumulate`. Element (m, k) of A stands at a + m·rowStride + k·depthStride,
 * B is packed, rows of C are `cStride` bytes apart.
 */
export function gemm(
  a: usize,
  rowStride: usize,
  depthStride: usize,
  b: usize,
  c: usize,
  cStride: usize,
  M: i32,
  N: i32,
  K: i32,
  accumulate: bool,
  scratch: usize,
): void {
  if (M == 1 && depthStride == 4) return gemv(a, b, c, N, K, accumulate, scratch);
  for (let k = 0; k < K; k += BLOCK_DEPTH) {
    const depth = min(K - k, BLOCK_DEPTH);
    const add = accumulate || k > 0;
    for (let m = 0; m < M; m += BLOCK_ROWS) {
      const rows = min(M - m, BLOCK_ROWS);
      packBlock(
        a + usize(m) * rowStride + usize(k) * depthStride,
        rowStride,
        depthStride,
        rows,
        depth,
        scratch,
      );
      multiplyBlock(
        scratch,
        b + usize(k * COLUMNS << 2),
        usize(K * COLUMNS) << 2,
        c + usize(m) * cStride,
        cStride,
        rows,
        N,
        depth,
        add,
        scratch + (usize(BLOCK_DEPTH * BLOCK_ROWS) << 2),
      );
    }
  }
}

/** Packs a block of A into panels of a few rows, each panel one depth after the other. */
function packBlock(
  a: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  depth: i32,
  packed: usize,
): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  let first = 0;
  for (let t = 0; t < tiles; t++) {
    const height = (rows - first) / (tiles - t);
    for (let k = 0; k < depth; k++) {
      let from = a + usize(first) * rowStride + usize(k) * depthStride;
      for (let m = 0; m < height; m++) {
        store<f32>(packed, load<f32>(from));
        packed += 4;
        from += rowStride;
      }
    }
    first += height;
  }
}

function multiplyBlock(
  a: usize,
  b: usize,
  panelBytes: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  N: i32,
  depth: i32,
  accumulate: bool,
  edge: usize,
): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (let n = 0; n < N; n += COLUMNS) {
    const whole = n + COLUMNS <= N;
    let panel = a;
    let first = 0;
    for (let t = 0; t < tiles; t++) {
      const height = (rows - first) / (tiles - t);
      const to = c + usize(first) * cStride + (usize(n) << 2);
      if (whole) tile(height, panel, b, to, cStride, depth, accumulate);
      else edgeTile(height, panel, b, to, cStride, depth, accumulate, N - n, edge);
      panel += usize(height * depth) << 2;
      first += height;
    }
    b += panelBytes;
  }
}

/** A tile of which only `columns` columns exist, by way of a whole one at `edge`. */
function edgeTile(
  height: i32,
  a: usize,
  b: usize,
  c: usize,
  cStride: usize,
  depth: i32,
  accumulate: bool,
  columns: i32,
  edge: usize,
): void {
  if (accumulate) copyRows(c, cStride, edge, COLUMNS << 2, height, columns);
  tile(height, a, b, edge, COLUMNS << 2, depth, accumulate);
  copyRows(edge, COLUMNS << 2, c, cStride, height, columns);
}

function copyRows(
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j += 4) {
      const at = usize(j) << 2;
      store4(to + at, load4(from + at, columns - j), columns - j);
    }
    from += fromStride;
    to += toStride;
  }
}

/** One row times a matrix: bound by memory, so several panels are read at a time. */
function gemv(
  a: usize,
  b: usize,
  c: usize,
  N: i32,
  K: i32,
  accumulate: bool,
  edge: usize,
): void {
  const panelBytes = usize(K * COLUMNS) << 2;
  let n = 0;
  for (; n + WIDE_COLUMNS <= N; n += WIDE_COLUMNS) {
    tileRow(a, b, panelBytes, c + (usize(n) << 2), K, accumulate);
    b += panelBytes * (WIDE_COLUMNS / COLUMNS);
  }
  for (; n < N; n += COLUMNS) {
    const to = c + (usize(n) << 2);
    if (n + COLUMNS <= N) tile(1, a, b, to, 0, K, accumulate);
    else edgeTile(1, a, b, to, 0, K, accumulate, N - n, edge);
    b += panelBytes;
  }
}
