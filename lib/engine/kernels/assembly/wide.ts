// Blocks of the product for 256-bit registers: tiles of 4 rows by 16 columns.
//
// V8 joins pairs of 128-bit operations to 256-bit ones (--experimental-wasm-revectorize) where no
// bounds check stands between them. Deno checks the bounds of every access, except at constant
// addresses. So the panel of B and the tile of C stand at constant addresses in the first bytes of
// the memory, which must be kept free for them, and a tile is written out without a loop. Four
// neighbours of A cost one check: V8 turns a load and four splatting shuffles into broadcasts.
import { transpose } from "./gemm";
import { addTile, PANEL, tile } from "./tiles";

/** Columns of a panel. */
export const COLUMNS: i32 = 16;
/** All tiles have this depth. */
export const TILE_DEPTH: i32 = 64;
const ROWS: i32 = 4;

/** Rows of the tile that begins at row `first` of a block. */
export function tileRows(rows: i32, first: i32): i32 {
  return min(rows - first, ROWS);
}

/** Lanes of a packed tile. */
// @ts-ignore: decorator
@inline
export function tileLanes(_height: i32): i32 {
  return ROWS;
}

/** Packs a tile of A whose rows are `stride` bytes apart. */
export function packTile(a: usize, stride: usize, height: i32, depth: i32, packed: usize): void {
  transpose(a, stride, height, depth, packed, ROWS << 2);
}

/** sums += block · panel; returns the end of the block. */
export function multiplyPanel(
  block: usize,
  rows: i32,
  panel: usize,
  terms: i32,
  sums: usize,
): usize {
  memory.copy(PANEL, panel, usize(terms * COLUMNS) << 2);
  const missing = TILE_DEPTH - terms;
  if (missing > 0) {
    memory.fill(PANEL + (usize(terms * COLUMNS) << 2), 0, usize(missing * COLUMNS) << 2);
  }
  for (let first = 0; first < rows; first += ROWS) {
    tile(block);
    addTile(sums);
    block += (TILE_DEPTH * ROWS) << 2;
    sums += (ROWS * COLUMNS) << 2;
  }
  return block;
}
