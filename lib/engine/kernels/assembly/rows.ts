// Passes over the rows of a matrix.
import { tanh } from "./activations";
import { fma, load4, splat, store4 } from "./math";

/** Copies `length` floats. */
export function copy(to: usize, from: usize, length: i32): void {
  memory.copy(to, from, usize(length) << 2);
}

/** Sets `length` floats to `value`. */
export function fill(y: usize, length: i32, value: f32): void {
  for (let j = 0; j < length; j += 4) store4(y + (usize(j) << 2), splat(value), length - j);
}

/** x[r, j] *= scales[r]. */
export function scaleRows(x: usize, scales: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    scale(x + (usize(r * columns) << 2), load<f32>(scales + (usize(r) << 2)), columns);
  }
}

/** x[j] *= factor. */
export function scale(x: usize, factor: f32, length: i32): void {
  const s = splat(factor);
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = x + (usize(j) << 2);
    v128.store(at, f32x4.mul(v128.load(at), s));
  }
  const at = x + (usize(j) << 2);
  if (j < length) store4(at, f32x4.mul(load4(at, length - j), s), length - j);
}

/** Sets each of `rows` rows of `y` to `row`. */
export function fillRows(y: usize, row: usize, rows: i32, columns: i32): void {
  const bytes = usize(columns) << 2;
  for (let r = 0; r < rows; r++) memory.copy(y + usize(r) * bytes, row, bytes);
}

/** y[r, j] = row[j] + x[r] · w[j]: the input product of a layer with one input. */
export function outerSum(y: usize, row: usize, x: usize, w: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const s = splat(load<f32>(x + (usize(r) << 2)));
    for (let j = 0; j < columns; j += 4) {
      const at = usize(j) << 2;
      const left = columns - j;
      store4(y + at, fma(s, load4(w + at, left), load4(row + at, left)), left);
    }
    y += usize(columns) << 2;
  }
}

/**
 * sums[j] = Σ_r y[r, j] and weighted[j] = Σ_r x[r] · y[r, j] in one pass, in the order of the rows: the
 * gradients of the bias and of the weights of a layer with one input.
 */
export function bothColumnSums(
  y: usize,
  x: usize,
  rows: i32,
  columns: i32,
  sums: usize,
  weighted: usize,
): void {
  memory.fill(sums, 0, usize(columns) << 2);
  memory.fill(weighted, 0, usize(columns) << 2);
  for (let r = 0; r < rows; r++) {
    const scale = splat(load<f32>(x + (usize(r) << 2)));
    for (let j = 0; j < columns; j += 4) {
      const at = usize(j) << 2;
      const left = columns - j;
      const v = load4(y + at, left);
      store4(sums + at, f32x4.add(load4(sums + at, left), v), left);
      store4(weighted + at, fma(scale, v, load4(weighted + at, left)), left);
    }
    y += usize(columns) << 2;
  }
}

/** sums[j] = Σ_r y[r, j], in the order of the rows. */
export function columnSums(y: usize, rows: i32, columns: i32, sums: usize): void {
  memory.fill(sums, 0, usize(columns) << 2);
  for (let r = 0; r < rows; r++) addInto(sums, y + (usize(r * columns) << 2), columns);
}

/** y[j] += x[j]. */
export function addInto(y: usize, x: usize, length: i32): void {
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = usize(j) << 2;
    v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
  }
  if (j < length) {
    const at = usize(j) << 2;
    const count = length - j;
    store4(y + at, f32x4.add(load4(y + at, count), load4(x + at, count)), count);
  }
}

/** Applies an activation in place: 0 nothing, 1 relu, 2 tanh. */
export function activate(y: usize, length: i32, activation: i32): void {
  if (activation == 1) reluInPlace(y, length);
  if (activation == 2) tanh(y, y, length);
}

function reluInPlace(y: usize, length: i32): void {
  const zero = splat(0);
  for (let j = 0; j < length; j += 4) {
    const at = y + (usize(j) << 2);
    // pmax keeps a NaN in its first argument.
    store4(at, f32x4.pmax(load4(at, length - j), zero), length - j);
  }
}

/** dx = dy · activation′, from the activated values `y`; `dx` may be the same memory as `dy`. */
export function activateBackward(dy: usize, y: usize, dx: usize, length: i32, activation: i32): void {
  if (activation == 0) {
    if (dx != dy) memory.copy(dx, dy, usize(length) << 2);
    return;
  }
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const at = usize(j) << 2;
    activateBackward4(dy + at, y + at, dx + at, activation, 4);
  }
  const at = usize(j) << 2;
  if (j < length) activateBackward4(dy + at, y + at, dx + at, activation, length - j);
}

@inline
function activateBackward4(dy: usize, y: usize, dx: usize, activation: i32, count: i32): void {
  const v = load4(y, count);
  const g = load4(dy, count);
  const slope = f32x4.sub(splat(1), f32x4.mul(v, v));
  const result = activation == 1
    ? v128.and(g, f32x4.gt(v, splat(0)))
    : f32x4.mul(g, slope);
  store4(dx, result, count);
}

/** y[n] = table[ids[n]]; an id outside the table gives a row of NaN. */
export function gatherRows(table: usize, ids: usize, y: usize, N: i32, V: i32, E: i32): void {
  const bytes = usize(E) << 2;
  for (let n = 0; n < N; n++) {
    const id = load<u32>(ids + (usize(n) << 2));
    const to = y + usize(n) * bytes;
    if (id < u32(V)) memory.copy(to, table + usize(id) * bytes, bytes);
    else memory.fill(to, 0xff, bytes);
  }
}

/**
 * dTable = 0, then dTable[ids[n]] += dy[n] for n = 0, 1, …; ids outside the table are passed over.
 */
export function scatterRows(dy: usize, ids: usize, dTable: usize, N: i32, V: i32, E: i32): void {
  const bytes = usize(E) << 2;
  memory.fill(dTable, 0, usize(V) * bytes);
  for (let n = 0; n < N; n++) {
    const id = load<u32>(ids + (usize(n) << 2));
    if (id < u32(V)) addInto(dTable + usize(id) * bytes, dy + usize(n) * bytes, E);
  }
}
