// Matrix products with a packed right factor.
//
// Every element of C is summed in the same way, whatever tile it falls into: chunks of CHUNK terms,
// each one chain of multiply-adds in the order of k; the chunks of a block of DEPTH terms one after
// the other; the blocks one after the other into C. So a row of C depends on that row of A and on B
// only: not on the number of rows, nor on the build (relaxed or wide), and a single step gives the
// bits of a whole sequence.
import { multiply, multiplyTurned } from "./blocks";
import { fma, load4, splat, store4 } from "./math";

/**
 * C [M,N] = A·B, or C += A·B with `accumulate`. Rows of A are `aStride` bytes apart, those of C
 * `cStride`; B is packed.
 */
export function gemm(
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
  if (K == 1) outer(a, aStride, b, c, cStride, M, N, accumulate);
  else multiply(a, aStride, b, c, cStride, M, N, K, accumulate, scratch);
}

/**
 * C [M,N] = Xᵀ·Y, the gradient of a matrix of weights. X is [K,M] and Y [K,N]; rows are as many bytes
 * apart as the strides say. `packed` is scratch for either of them in packed form.
 */
export function gemmTurned(
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
  gemmTurnedOfParts(x, 0, x, xStride, y, yStride, c, cStride, M, N, K, packed, scratch);
}

/** The same, but the first `headDepth` rows of X stand at `head`; those at `x` follow. */
export function gemmTurnedOfParts(
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
  if (K == 1) return outer(headDepth > 0 ? head : x, 4, y, c, cStride, M, N, false);
  multiplyTurned(head, headDepth, x, xStride, y, yStride, c, cStride, M, N, K, packed, scratch);
}

/** C [M,N] = a · bᵀ, or C += a · bᵀ: a product of depth 1, for which a packed B is just its row. */
function outer(
  a: usize,
  stride: usize,
  b: usize,
  c: usize,
  cStride: usize,
  M: i32,
  N: i32,
  accumulate: bool,
): void {
  for (let m = 0; m < M; m++) {
    const x = splat(load<f32>(a + usize(m) * stride));
    const row = c + usize(m) * cStride;
    for (let j = 0; j < N; j += 4) {
      const at = usize(j) << 2;
      const y = load4(b + at, N - j);
      store4(row + at, accumulate ? fma(x, y, load4(row + at, N - j)) : f32x4.mul(x, y), N - j);
    }
  }
}
