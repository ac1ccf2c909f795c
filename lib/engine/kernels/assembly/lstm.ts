import { sigmoid, tanh } from "./activations";
import { fma, load4, splat, store4 } from "./math";
import { gemm, gemmTurned, gemmTurnedOfParts } from "./gemm";
import { bothColumnSums, columnSums, fillRows, outerSum } from "./rows";

/** Rows of the input product at a time. */
const INPUT_ROWS: i32 = 32;

/**
 * An LSTM layer over a sequence. Fills `gates` [T,B,4H] with the activated gates, `cells` [T,B,H]
 * with the cell states and `outputs` [T,B,H]. `w` [D,4H] and `u` [H,4H] are packed.
 */
export function lstmForward(
  x: usize,
  w: usize,
  bias: usize,
  u: usize,
  h0: usize,
  c0: usize,
  gates: usize,
  cells: usize,
  outputs: usize,
  T: i32,
  B: i32,
  D: i32,
  H: i32,
  scratch: usize,
): void {
  const width = 4 * H;
  const stateBytes = usize(B * H) << 2;
  // The input product of a few steps at a time: enough rows for it, few enough to stay in the
  // cache.
  const ahead = max(1, INPUT_ROWS / B);
  let hPrevious = h0;
  let cPrevious = c0;
  for (let t = 0; t < T; t++) {
    const z = gates + usize(t) * (stateBytes << 2);
    const c = cells + usize(t) * stateBytes;
    const h = outputs + usize(t) * stateBytes;
    if (t % ahead == 0) {
      const rows = min(ahead, T - t) * B;
      const from = x + (usize(t * B * D) << 2);
      if (D == 1) outerSum(z, bias, from, w, rows, width);
      else {
        fillRows(z, bias, rows, width);
        gemm(from, D << 2, w, z, width << 2, rows, width, D, true, scratch);
      }
    }
    gemm(hPrevious, H << 2, u, z, width << 2, B, width, H, true, scratch);
    for (let row = 0; row < B; row++) {
      const at = usize(row * H) << 2;
      gatesForward(z + (at << 2), cPrevious + at, c + at, h + at, H);
    }
    hPrevious = h;
    cPrevious = c;
  }
}

/** Activates one row of gates in place and computes the cell state and output from it. */
function gatesForward(z: usize, cPrevious: usize, c: usize, h: usize, H: i32): void {
  const stride = usize(H) << 2;
  const f = z + stride;
  const g = f + stride;
  const o = g + stride;
  sigmoid(z, z, 2 * H);
  tanh(g, g, H);
  sigmoid(o, o, H);
  for (let j = 0; j < H; j += 4) {
    const at = usize(j) << 2;
    const left = H - j;
    const entering = f32x4.mul(load4(z + at, left), load4(g + at, left));
    store4(c + at, fma(load4(f + at, left), load4(cPrevious + at, left), entering), left);
  }
  tanh(c, h, H);
  for (let j = 0; j < H; j += 4) {
    const at = usize(j) << 2;
    const left = H - j;
    store4(h + at, f32x4.mul(load4(o + at, left), load4(h + at, left)), left);
  }
}

/**
 * The backward pass through time. On entry `dh` and `dc` [B,H] hold the gradients of the last
 * output and cell state, on return those of the first; `dOutputs` [T,B,H] may be 0 for none.
 * `uTransposed` [4H,H] is packed. Fills `dz` [T,B,4H], which may be the same memory as `gates`.
 */
export function lstmBackward(
  dOutputs: usize,
  gates: usize,
  cells: usize,
  c0: usize,
  uTransposed: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  T: i32,
  B: i32,
  H: i32,
  scratch: usize,
): void {
  const width = 4 * H;
  const stateBytes = usize(B * H) << 2;
  for (let t = T - 1; t >= 0; t--) {
    const step = usize(t) * stateBytes;
    const cPrevious = t > 0 ? cells + step - stateBytes : c0;
    for (let row = 0; row < B; row++) {
      const at = usize(row * H) << 2;
      tanh(cells + step + at, scratch, H); // scratch holds far more than any H
      gatesBackward(
        dOutputs ? dOutputs + step + at : 0,
        gates + ((step + at) << 2),
        scratch,
        cPrevious + at,
        dh + at,
        dc + at,
        dz + ((step + at) << 2),
        H,
      );
    }
    gemm(dz + (step << 2), width << 2, uTransposed, dh, H << 2, B, H, width, false, scratch);
  }
}

function gatesBackward(
  dOutput: usize,
  gates: usize,
  cellTanh: usize,
  cPrevious: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  H: i32,
): void {
  let j = 0;
  for (; j + 4 <= H; j += 4) {
    gatesBackward4(dOutput, gates, cellTanh, cPrevious, dh, dc, dz, H, j, 4);
  }
  if (j < H) gatesBackward4(dOutput, gates, cellTanh, cPrevious, dh, dc, dz, H, j, H - j);
}

@inline
function gatesBackward4(
  dOutput: usize,
  gates: usize,
  cellTanh: usize,
  cPrevious: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  H: i32,
  j: i32,
  count: i32,
): void {
  const at = usize(j) << 2;
  const stride = usize(H) << 2;
  const one = splat(1);
  const i = load4(gates + at, count);
  const f = load4(gates + at + stride, count);
  const g = load4(gates + at + 2 * stride, count);
  const o = load4(gates + at + 3 * stride, count);
  let dhTotal = load4(dh + at, count);
  if (dOutput) dhTotal = f32x4.add(dhTotal, load4(dOutput + at, count));
  const t = load4(cellTanh + at, count);
  const tanhSlope = f32x4.sub(one, f32x4.mul(t, t));
  const dcTotal = fma(f32x4.mul(dhTotal, o), tanhSlope, load4(dc + at, count));
  const di = f32x4.mul(f32x4.mul(dcTotal, g), f32x4.mul(i, f32x4.sub(one, i)));
  const df = f32x4.mul(
    f32x4.mul(dcTotal, load4(cPrevious + at, count)),
    f32x4.mul(f, f32x4.sub(one, f)),
  );
  const dg = f32x4.mul(f32x4.mul(dcTotal, i), f32x4.sub(one, f32x4.mul(g, g)));
  const dO = f32x4.mul(f32x4.mul(dhTotal, t), f32x4.mul(o, f32x4.sub(one, o)));
  store4(dc + at, f32x4.mul(dcTotal, f), count);
  store4(dz + at, di, count);
  store4(dz + at + stride, df, count);
  store4(dz + at + 2 * stride, dg, count);
  store4(dz + at + 3 * stride, dO, count);
}

/**
 * The gradients of the weights from `dz` [T,B,4H]: `dw` [D,4H], `du` [H,4H] and `db` [4H], each
 * over all rows at once. `packed` is scratch for a factor in packed form.
 */
export function lstmWeightGradients(
  dz: usize,
  x: usize,
  h0: usize,
  outputs: usize,
  dw: usize,
  du: usize,
  db: usize,
  T: i32,
  B: i32,
  D: i32,
  H: i32,
  packed: usize,
  scratch: usize,
): void {
  const width = 4 * H;
  const rows = T * B;
  const stride = usize(width) << 2;
  // The output before the first step stands at h0, those of the other steps in `outputs`.
  gemmTurnedOfParts(
    h0, B, outputs, H << 2, dz, stride, du, stride, H, width, rows, packed, scratch,
  );
  if (D == 1) return bothColumnSums(dz, x, rows, width, db, dw);
  columnSums(dz, rows, width, db);
  gemmTurned(x, D << 2, dz, stride, dw, stride, D, width, rows, packed, scratch);
}
