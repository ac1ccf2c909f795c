// Matrix products with a packed right factor.
//
// Every element of C is summed in the same way, whatever tile it falls into: chunks of CHUNK terms, each
// one chain of multiply-adds in the order of k; the chunks of a block of DEPTH terms one after the
// other; the blocks one after the other into C. So a row of C depends on that row of A and on B only:
// not on the number of rows, nor on the build (relaxed or wide), and a single step gives the bits of a
// whole sequence.
import { COLUMNS, multiplyPanel, packTile, TILE_DEPTH, tileLanes, tileRows } from "./blocks";
import { load4, store4 } from "./math";
import { addRow } from "./tiles";

/** Terms in one chain. */
const CHUNK: i32 = 64;
/** Terms in a block: a block of A stays in the second-level cache. */
const DEPTH: i32 = 512;
/** Rows in a block of A: each panel of B is read once for so many rows. */
const ROWS: i32 = 48;
/** Columns that {@linkcode addRow} works on at a time. */
const ROW_COLUMNS: i32 = 32;

/** Bytes of scratch that {@linkcode gemm} needs. */
export function gemmScratchBytes(): i32 {
  return (ROWS * (DEPTH + COLUMNS)) << 2;
}

/** Bytes of a packed matrix of `depth` rows and `columns` columns. */
export function packedBytes(depth: i32, columns: i32): i32 {
  return (depth * ((columns + COLUMNS - 1) / COLUMNS) * COLUMNS) << 2;
}

/**
 * Packs B [depth, columns], whose rows are `stride` bytes apart, into panels of COLUMNS columns, each row
 * after row; missing columns are 0.
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

/**
 * Writes four rows (`count` of them exist, the others are 0) as four columns: element (r, k) at
 * to + k · toStride + 4r. Rows are `stride` bytes apart.
 */
export function transpose(
  from: usize,
  stride: usize,
  count: i32,
  depth: i32,
  to: usize,
  toStride: usize,
): void {
  const second = from + stride;
  const third = second + stride;
  const fourth = third + stride;
  for (let k = 0; k < depth; k += 4) {
    const at = usize(k) << 2;
    const terms = depth - k;
    const zero = f32x4.splat(0);
    const a = count > 0 ? load4(from + at, terms) : zero;
    const b = count > 1 ? load4(second + at, terms) : zero;
    const c = count > 2 ? load4(third + at, terms) : zero;
    const d = count > 3 ? load4(fourth + at, terms) : zero;
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    if (terms > 1) v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    if (terms > 2) v128.store(to + 2 * toStride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
    if (terms > 3) v128.store(to + 3 * toStride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
    to += toStride << 2;
  }
}

/**
 * C [M,N] = A·B, or C += A·B with `accumulate`. Element (m, k) of A stands at
 * a + m·rowStride + k·depthStride, one of the strides being 4; B is packed; rows of C are `cStride`
 * bytes apart.
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
  if (M == 1 && depthStride == 4) multiplyRow(a, b, c, N, K, accumulate, scratch);
  else multiply(a, 0, a, rowStride, depthStride, b, c, cStride, M, N, K, accumulate, scratch);
}

/**
 * The same as {@linkcode gemm}, but the first `headDepth` terms of A stand at `head`, in the same
 * strides, and those at `a` follow.
 */
export function multiply(
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
  // A tile of the wide build always has the same depth.
  const missing = max(TILE_DEPTH - terms, 0);
  for (let first = 0; first < rows;) {
    const height = tileRows(rows, first);
    const lanes = tileLanes(height);
    const across = usize(first) * rowStride;
    if (rowStride != 4) packTile(a + across, rowStride, height, terms, packed);
    else {
      copyTile(head + across, depthStride, height, fromHead, packed, lanes);
      const at = a + across + usize(fromHead) * depthStride;
      const rest = packed + (usize(fromHead * lanes) << 2);
      copyTile(at, depthStride, height, terms - fromHead, rest, lanes);
    }
    memory.fill(packed + (usize(terms * lanes) << 2), 0, usize(missing * lanes) << 2);
    packed += usize((terms + missing) * lanes) << 2;
    first += height;
  }
  return packed;
}

/** Copies a tile that stands term after term; lanes without a row are 0. */
function copyTile(
  from: usize,
  stride: usize,
  height: i32,
  depth: i32,
  packed: usize,
  lanes: i32,
): void {
  for (let k = 0; k < depth; k++) {
    for (let m = 0; m < lanes; m++) {
      const at = usize(m) << 2;
      store<f32>(packed + at, m < height ? load<f32>(from + at) : 0);
    }
    from += stride;
    packed += usize(lanes) << 2;
  }
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
