// Blocks of the product for 128-bit registers: tiles of up to 6 rows by 8 columns, straight from the
// packed memory.
import { tile } from "./tiles";

/** Columns of a panel. */
export const COLUMNS: i32 = 8;
/** Tiles are as deep as the chunk. */
export const TILE_DEPTH: i32 = 0;
const ROWS: i32 = 6;

/** Rows of the tile that begins at row `first` of a block: all tiles are about equally high. */
export function tileRows(rows: i32, first: i32): i32 {
  const left = rows - first;
  return left / ((left + ROWS - 1) / ROWS);
}

/** Lanes of a packed tile. */
// @ts-ignore: decorator
@inline
export function tileLanes(height: i32): i32 {
  return height;
}

/** Packs a tile of A whose rows are `stride` bytes apart. */
export function packTile(a: usize, stride: usize, height: i32, depth: i32, packed: usize): void {
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
export function multiplyPanel(
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
