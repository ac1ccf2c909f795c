// The product for 256-bit registers: tiles of 16 rows by 4 columns.
//
// V8 joins pairs of 128-bit operations to 256-bit ones (--experimental-wasm-revectorize) where no
// bounds check stands between them, and Deno has the bounds of every access checked, except at
// constant addresses. So 16 rows of A and the tile of C stand at constant addresses in the first
// bytes of the memory, which must be kept free for them, and a tile is written out without a loop.
// Four neighbours of B cost one check: V8 turns a load and four splatting shuffles into broadcasts.
import { CHUNK, DEPTH } from "./chunks";
import { load4, store4 } from "./math";
import { addHalfTiles, addTiles, PANEL } from "./tiles";
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
  return (depth == 1 ? width : roundUp(depth, CHUNK) * width) << 2;
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
  const height = depth == 1 ? 1 : CHUNK;
  const panelBytes = usize(height * COLUMNS) << 2;
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const from = b + usize(k) * stride;
    let n = 0;
    for (; n + 4 * COLUMNS <= columns; n += 4 * COLUMNS) {
      packFour(from + (usize(n) << 2), stride, terms, packed, panelBytes);
      for (let i = 0; i < 4; i++) {
        clear(packed + (usize(terms * COLUMNS) << 2), (height - terms) * COLUMNS);
        packed += panelBytes;
      }
    }
    for (; n < columns; n += COLUMNS) {
      let row = from + (usize(n) << 2);
      for (let i = 0; i < terms; i++) {
        v128.store(packed, load4(row, columns - n));
        row += stride;
        packed += COLUMNS << 2;
      }
      packed = clear(packed, (height - terms) * COLUMNS);
    }
  }
}

/** Packs four whole panels, whose rows share cache lines. */
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
  const height = depth == 1 ? 1 : CHUNK;
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
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

/**
 * C = A·B, or C += A·B, as `gemm` describes it, but the first `headDepth` terms of A stand at
 * `head`, in the same strides, and those at `a` follow.
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
  const width = roundUp(N, COLUMNS);
  const blockColumns = BLOCK / roundUp(min(M, ROWS), LANES);
  for (let k = 0; k < K; k += DEPTH) {
    const depth = min(K - k, DEPTH);
    for (let m = 0; m < M; m += ROWS) {
      const across = usize(m) * rowStride;
      const headAt = head + usize(k) * depthStride + across;
      const at = a + usize(k - headDepth) * depthStride + across;
      const rows = min(M - m, ROWS);
      for (let n = 0; n < N; n += blockColumns) {
        const columns = min(N - n, blockColumns);
        const panel = b + (usize(k * width + n * CHUNK) << 2);
        memory.fill(scratch, 0, usize(roundUp(rows, LANES) * roundUp(columns, COLUMNS)) << 2);
        multiplyBlock(
          headAt,
          headDepth - k,
          at,
          rowStride,
          depthStride,
          panel,
          usize(width * CHUNK) << 2,
          rows,
          columns,
          depth,
          scratch,
        );
        const to = c + usize(m) * cStride + (usize(n) << 2);
        writeSums(scratch, to, cStride, rows, columns, accumulate || k > 0);
      }
    }
  }
}

/** sums += a block of A · a block of B: for each 16 rows a matrix [columns, 16]. */
function multiplyBlock(
  head: usize,
  headDepth: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  panel: usize,
  chunkBytes: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  sums: usize,
): void {
  const tiles = (columns + COLUMNS - 1) / COLUMNS;
  for (let k = 0; k < depth; k += CHUNK) {
    const terms = min(depth - k, CHUNK);
    const down = usize(k) * depthStride;
    const fromHead = max(0, min(headDepth - k, terms));
    let to = sums;
    for (let m = 0; m < rows; m += LANES) {
      const at = down + usize(m) * rowStride;
      loadPanel(head + at, fromHead, a + at, rowStride, depthStride, rows - m, terms);
      if (terms > CHUNK / 2) addTiles(panel, to, tiles);
      else addHalfTiles(panel, to, tiles);
      to += usize(tiles * COLUMNS * LANES) << 2;
    }
    panel += chunkBytes;
  }
}

/** Puts 16 rows of A (`rows` of them exist) by `terms` into the panel; what is missing is 0. */
function loadPanel(
  head: usize,
  fromHead: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  terms: i32,
): void {
  if (rowStride == 4) {
    const rest = copyRows(head, depthStride, rows, fromHead, PANEL);
    copyRows(a + usize(fromHead) * depthStride, depthStride, rows, terms - fromHead, rest);
  } else {
    for (let m = 0; m < LANES; m += 4) {
      const from = a + usize(m) * rowStride;
      transpose(from, rowStride, rows - m, terms, PANEL + (usize(m) << 2), LANES << 2);
    }
  }
  clear(PANEL + (usize(terms * LANES) << 2), (CHUNK - terms) * LANES);
}

/** Copies `count` rows of 16 floats, of which `rows` exist, and returns their end. */
function copyRows(from: usize, stride: usize, rows: i32, count: i32, to: usize): usize {
  if (rows >= LANES) return copyWholeRows(from, stride, count, to);
  for (let k = 0; k < count; k++) {
    for (let m = 0; m < LANES; m += 4) {
      const at = usize(m) << 2;
      v128.store(to + at, load4(from + at, rows - m));
    }
    from += stride;
    to += LANES << 2;
  }
  return to;
}

function copyWholeRows(from: usize, stride: usize, count: i32, to: usize): usize {
  for (let k = 0; k < count; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    from += stride;
    to += LANES << 2;
  }
  return to;
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

@inline
function write4(c: usize, x: v128, count: i32, add: bool): void {
  store4(c, add ? f32x4.add(load4(c, count), x) : x, count);
}
