import { load4 } from "./math";

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
