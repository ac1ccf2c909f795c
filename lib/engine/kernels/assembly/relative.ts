/** Semitones up and down that have a class of their own. */
const REACH: i32 = 13;

/**
 * logits[n, v] += relative[n · stride + class], where the class depends on how symbol v lies relative to
 * the pitch anchors[n] (above 127: none): `shapes[v]` is the pitch of a note, 128 + the first pitch class of
 * a chord, or -1 for neither; `bases[v]` is where the classes of its role begin: first the notes from
 * -REACH to +REACH semitones, then the chords by pitch class above the anchor.
 */
export function addRelative(
  logits: usize,
  relative: usize,
  stride: i32,
  anchors: usize,
  shapes: usize,
  bases: usize,
  N: i32,
  V: i32,
): void {
  for (let n = 0; n < N; n++) {
    const anchor = load<i32>(anchors + (usize(n) << 2));
    if (anchor > 127) continue;
    const row = logits + (usize(n * V) << 2);
    const from = relative + (usize(n * stride) << 2);
    for (let v = 0; v < V; v++) {
      const index = relativeClass(load<i32>(shapes + (usize(v) << 2)), anchor);
      if (index < 0) continue;
      const at = row + (usize(v) << 2);
      const base = load<i32>(bases + (usize(v) << 2));
      store<f32>(at, load<f32>(at) + load<f32>(from + (usize(base + index) << 2)));
    }
  }
}

/** dRelative[n · stride + class] += dLogits[n, v]: the gradient of {@linkcode addRelative}. */
export function addRelativeBackward(
  dLogits: usize,
  dRelative: usize,
  stride: i32,
  anchors: usize,
  shapes: usize,
  bases: usize,
  N: i32,
  V: i32,
): void {
  for (let n = 0; n < N; n++) {
    const anchor = load<i32>(anchors + (usize(n) << 2));
    if (anchor > 127) continue;
    const row = dLogits + (usize(n * V) << 2);
    const to = dRelative + (usize(n * stride) << 2);
    for (let v = 0; v < V; v++) {
      const index = relativeClass(load<i32>(shapes + (usize(v) << 2)), anchor);
      if (index < 0) continue;
      const base = load<i32>(bases + (usize(v) << 2));
      const at = to + (usize(base + index) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(row + (usize(v) << 2)));
    }
  }
}

@inline
function relativeClass(shape: i32, anchor: i32): i32 {
  if (shape < 0) return -1;
  if (shape >= 128) return 2 * REACH + 1 + (shape - 128 - (anchor % 12) + 12) % 12;
  const distance = shape - anchor;
  return distance < -REACH || distance > REACH ? -1 : REACH + distance;
}
