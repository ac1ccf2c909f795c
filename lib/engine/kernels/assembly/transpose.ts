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
  const whole = count < 4 ? 0 : depth & ~3;
  for (let k = 0; k < whole; k += 4) {
    const at = usize(k) << 2;
    const a = v128.load(from + at);
    const b = v128.load(second + at);
    const c = v128.load(third + at);
    const d = v128.load(fourth + at);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to + 2 * toStride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
    v128.store(to + 3 * toStride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
    to += toStride << 2;
  }
  for (let k = whole; k < depth; k++) {
    const at = usize(k) << 2;
    let column = f32x4.splat(0);
    if (count > 0) column = f32x4.replace_lane(column, 0, load<f32>(from + at));
    if (count > 1) column = f32x4.replace_lane(column, 1, load<f32>(second + at));
    if (count > 2) column = f32x4.replace_lane(column, 2, load<f32>(third + at));
    if (count > 3) column = f32x4.replace_lane(column, 3, load<f32>(fourth + at));
    v128.store(to, column);
    to += toStride;
  }
}
