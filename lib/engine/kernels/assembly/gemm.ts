// Matrix products with a packed right factor.
//
// Every element of C is summed in the same way, whatever tile it falls into: chunks of CHUNK terms,
// each one chain of multiply-adds in the order of k; the chunks of a block of DEPTH terms one after
// the other; the blocks one after the other into C. So a row of C depends on that row of A and on B
// only: not on the number of rows, nor on the build (relaxed or wide), and a single step gives the
// bits of a whole sequence.
import { multiply } from "./blocks";
import { fma, load4, splat, store4 } from "./math";

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
  if (K == 1) outer(a, rowStride, b, c, cStride, M, N, accumulate);
  else multiply(a, 0, a, rowStride, depthStride, b, c, cStride, M, N, K, accumulate, scratch);
}

/** C [M,N] = a · bᵀ, or C += a · bᵀ: a product of depth 1, for which a packed B is just its row. */
export function outer(
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
