// The product for 128-bit registers: tiles of up to 6 rows by 8 columns, straight from packed
// memory.
import { CHUNK, DEPTH } from "./chunks";
import { load4, store4 } from "./math";
import { addRow, tile } from "./tiles";
import { transpose } from "./transpose";

/** Columns of a panel of B. */
const COLUMNS: i32 = 8;
/** Most rows of a tile. */
const TILE_ROWS: i32 = 6;
/**
 * Rows in a block of A, which stays in the second-level cache: a panel is read once for so many.
 */
const ROWS: i32 = 24;
/** Columns that {@linkcode addRow} works on at a time. */
const ROW_COLUMNS: i32 = 32;

/** Bytes of scratch that a product needs. */
export function gemmScratchBytes(): i32 {
  return (ROWS * (DEPTH + COLUMNS)) << 2;
}

/** Bytes of a packed matrix of `depth` rows and `columns` columns. */
export function packedBytes(depth: i32, columns: i32): i32 {
  return (depth * ((columns + COLUMNS - 1) / COLUMNS) * COLUMNS) << 2;
}

/**
 * Packs B [depth, columns], whose rows are `stride` bytes apart, into panels of COLUMNS columns,
 * each row after row; missing columns are 0.
 */
export function packRows(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  for (let n = 0; n < columns; n += COLUMNS) {
    let from = b + (usize(n) << 2);
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < COLUMNS; j += 4) {
        v128.store(packed + (usize(j) << 2), load4(from + (usize(j) << 2), columns - n - j));
      }
      from += stride;
      packed += COLUMNS << 2;
    }
  }
}

/** Packs the transpose of B [columns, depth], whose rows are `stride` bytes apart. */
export function packColumns(b: usize, stride: usize, depth: i32, columns: i32, packed: usize): void {
  for (let n = 0; n < columns; n += COLUMNS) {
    for (let j = 0; j < COLUMNS; j += 4) {
      const from = b + usize(n + j) * stride;
      transpose(from, stride, columns - n - j, depth, packed + (usize(j) << 2), COLUMNS << 2);
    }
    packed += usize(depth * COLUMNS) << 2;
  }
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
  if (M == 1) multiplyRow(a, b, c, N, K, accumulate, scratch);
  else multiplyBlocks(a, 0, a, aStride, 4, b, c, cStride, M, N, K, accumulate, scratch);
}

/** C [M,N] = Xᵀ·Y, as `gemmTurnedOfParts` describes it. */
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
  packRows(y, yStride, K, N, packed);
  multiplyBlocks(head, headDepth, x, 4, xStride, packed, c, cStride, M, N, K, false, scratch);
}

/**
 * C = A·B, or C += A·B. Element (m, k) of A stands at a + m·rowStride + k·depthStride, one of the
 * strides being 4; but the first `headDepth` terms stand at `head`, in the same strides, and those
 * at `a` follow.
 */
function multiplyBlocks(
  head: usize,
  headDepth: i32,
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
  const sums = scratch + (usize(ROWS * DEPTH) << 2);
  const panelBytes = usize(K * COLUMNS) << 2;
  for (let k = 0; k < K; k += DEPTH) {
    const depth = min(K - k, DEPTH);
    const add = accumulate || k > 0;
    for (let m = 0; m < M; m += ROWS) {
      const rows = min(M - m, ROWS);
      const across = usize(m) * rowStride;
      const headAt = head + usize(k) * depthStride + across;
      const at = a + usize(k - headDepth) * depthStride + across;
      packBlock(headAt, headDepth - k, at, rowStride, depthStride, rows, depth, scratch);
      const to = c + usize(m) * cStride;
      let panel = b + (usize(k * COLUMNS) << 2);
      for (let n = 0; n < N; n += COLUMNS) {
        multiplyChunks(scratch, rows, panel, depth, sums);
        writeSums(sums, to + (usize(n) << 2), cStride, rows, min(N - n, COLUMNS), add);
        panel += panelBytes;
      }
    }
  }
}

/** sums [rows, COLUMNS] = a block of A · a panel of B. */
function multiplyChunks(block: usize, rows: i32, panel: usize, depth: i32, sums: usize): void {
  memory.fill(sums, 0, usize(rows * COLUMNS) << 2);
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    block = multiplyPanel(block, rows, panel, terms, sums);
    panel += usize(terms * COLUMNS) << 2;
  }
}

/** Packs a block of A chunk after chunk; the first `headDepth` terms stand at `head`. */
function packBlock(
  head: usize,
  headDepth: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  depth: i32,
  packed: usize,
): void {
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const fromHead = max(0, min(headDepth - k, terms));
    const down = usize(k) * depthStride;
    packed = packChunk(head + down, fromHead, a + down, rowStride, depthStride, rows, terms, packed);
  }
}

/** Packs one chunk as tiles and returns their end. */
function packChunk(
  head: usize,
  fromHead: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  terms: i32,
  packed: usize,
): usize {
  for (let first = 0; first < rows;) {
    const height = tileRows(rows, first);
    const across = usize(first) * rowStride;
    if (rowStride != 4) packTile(a + across, rowStride, height, terms, packed);
    else {
      copyTile(head + across, depthStride, height, fromHead, packed);
      const at = a + across + usize(fromHead) * depthStride;
      const rest = packed + (usize(fromHead * height) << 2);
      copyTile(at, depthStride, height, terms - fromHead, rest);
    }
    packed += usize(terms * height) << 2;
    first += height;
  }
  return packed;
}

/** Copies a tile that stands term after term, `stride` bytes apart. */
function copyTile(from: usize, stride: usize, height: i32, terms: i32, packed: usize): void {
  for (let k = 0; k < terms; k++) {
    for (let m = 0; m < height; m++) {
      store<f32>(packed + (usize(m) << 2), load<f32>(from + (usize(m) << 2)));
    }
    from += stride;
    packed += usize(height) << 2;
  }
}

/** Rows of the tile that begins at row `first` of a block: all tiles are about equally high. */
function tileRows(rows: i32, first: i32): i32 {
  const left = rows - first;
  return left / ((left + TILE_ROWS - 1) / TILE_ROWS);
}

/** Packs a tile of A whose rows are `stride` bytes apart. */
function packTile(a: usize, stride: usize, height: i32, depth: i32, packed: usize): void {
  const step = usize(height) << 2;
  for (let m = 0; m < height; m++) {
    let to = packed + (usize(m) << 2);
    let k = 0;
    for (; k + 4 <= depth; k += 4) {
      const x = v128.load(a + (usize(k) << 2));
      v128.store_lane<f32>(to, x, 0);
      v128.store_lane<f32>(to + step, x, 1);
      v128.store_lane<f32>(to + 2 * step, x, 2);
      v128.store_lane<f32>(to + 3 * step, x, 3);
      to += step << 2;
    }
    for (; k < depth; k++) {
      store<f32>(to, load<f32>(a + (usize(k) << 2)));
      to += step;
    }
    a += stride;
  }
}

/** sums += block · panel; returns the end of the block. */
function multiplyPanel(
  block: usize,
  rows: i32,
  panel: usize,
  terms: i32,
  sums: usize,
): usize {
  for (let first = 0; first < rows;) {
    const height = tileRows(rows, first);
    tile(height, block, panel, sums, terms);
    block += usize(height * terms) << 2;
    sums += usize(height * COLUMNS) << 2;
    first += height;
  }
  return block;
}

/** Sets or adds the first `columns` columns of `sums` to C. */
function writeSums(
  sums: usize,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j += 4) {
      const at = usize(j) << 2;
      const sum = v128.load(sums + at);
      const count = columns - j;
      store4(c + at, add ? f32x4.add(load4(c + at, count), sum) : sum, count);
    }
    sums += COLUMNS << 2;
    c += cStride;
  }
}

/** One row: bound by memory, so several panels are read at a time. */
function multiplyRow(
  a: usize,
  b: usize,
  c: usize,
  N: i32,
  K: i32,
  accumulate: bool,
  scratch: usize,
): void {
  const sums = scratch + (usize(ROWS * DEPTH) << 2);
  const panelBytes = usize(K * COLUMNS) << 2;
  for (let k = 0; k < K; k += DEPTH) {
    const depth = min(K - k, DEPTH);
    const add = accumulate || k > 0;
    const from = a + (usize(k) << 2);
    let panel = b + (usize(k * COLUMNS) << 2);
    let n = 0;
    for (; n + ROW_COLUMNS <= N; n += ROW_COLUMNS) {
      memory.fill(sums, 0, ROW_COLUMNS << 2);
      for (let t = 0; t < depth; t += CHUNK) {
        const at = panel + (usize(t * COLUMNS) << 2);
        addRow(from + (usize(t) << 2), at, panelBytes, sums, min(depth - t, CHUNK));
      }
      writeSums(sums, c + (usize(n) << 2), 0, 1, ROW_COLUMNS, add);
      panel += panelBytes * (ROW_COLUMNS / COLUMNS);
    }
    if (n == N) continue;
    packBlock(from, 0, from, 0, 4, 1, depth, scratch);
    for (; n < N; n += COLUMNS) {
      multiplyChunks(scratch, 1, panel, depth, sums);
      writeSums(sums, c + (usize(n) << 2), 0, 1, min(N - n, COLUMNS), add);
      panel += panelBytes;
    }
  }
}
