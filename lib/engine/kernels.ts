/**
 * The WebAssembly kernels, called with numbers only. Addresses are in bytes in the memory that the
 * instance was given; matrices are row-major float32, ids and labels int32.
 *
 * @module
 */
import { kernelsModule } from "./wasm_modules.js";

/** Address in bytes. */
export type Address = number;

/** The exports of the kernels; `assembly/` describes each one. */
export interface Kernels {
  /** C [M,N] (+)= A·B; rows are so many bytes apart, B is packed. */
  gemm(
    a: Address,
    aStride: number,
    b: Address,
    c: Address,
    cStride: number,
    M: number,
    N: number,
    K: number,
    accumulate: number,
    scratch: Address,
  ): void;
  /** C [M,N] = Xᵀ·Y for X [K,M], Y [K,N]; `packed` has packedBytes(K, max(M, N)) bytes. */
  gemmTurned(
    x: Address,
    xStride: number,
    y: Address,
    yStride: number,
    c: Address,
    cStride: number,
    M: number,
    N: number,
    K: number,
    packed: Address,
    scratch: Address,
  ): void;
  /** Bytes of scratch for every kernel that has a `scratch` argument. */
  gemmScratchBytes(): number;
  /** Bytes of a packed matrix in this build; at most those of the function of that name. */
  packedBytes(depth: number, columns: number): number;
  /** Packs B [depth, columns] with rows `stride` bytes apart. */
  packRows(b: Address, stride: number, depth: number, columns: number, packed: Address): void;
  /** Packs the transpose of B [columns, depth] with rows `stride` bytes apart. */
  packColumns(b: Address, stride: number, depth: number, columns: number, packed: Address): void;
  /** Gates [T,B,4H], cells [T,B,H] and outputs [T,B,H] of an LSTM layer; `w` and `u` packed. */
  lstmForward(
    x: Address,
    w: Address,
    bias: Address,
    u: Address,
    h0: Address,
    c0: Address,
    gates: Address,
    cells: Address,
    outputs: Address,
    T: number,
    B: number,
    D: number,
    H: number,
    scratch: Address,
  ): void;
  /** dz [T,B,4H]; `dh`, `dc` [B,H]: in, of the last step, out, of the state before the first. */
  lstmBackward(
    dOutputs: Address,
    gates: Address,
    cells: Address,
    c0: Address,
    uTransposed: Address,
    dh: Address,
    dc: Address,
    dz: Address,
    T: number,
    B: number,
    H: number,
    scratch: Address,
  ): void;
  /** dw [D,4H], du [H,4H], db [4H] from dz; `packed` has packedBytes(T·B, max(D, 4H)) bytes. */
  lstmWeightGradients(
    dz: Address,
    x: Address,
    h0: Address,
    outputs: Address,
    dw: Address,
    du: Address,
    db: Address,
    T: number,
    B: number,
    D: number,
    H: number,
    packed: Address,
    scratch: Address,
  ): void;
  /** Activation in place: 0 none, 1 relu, 2 tanh. */
  activate(y: Address, length: number, activation: number): void;
  /** dx = dy · activation′ from the activated values `y`; `dx` may be `dy`. */
  activateBackward(dy: Address, y: Address, dx: Address, length: number, activation: number): void;
  /** y[j] += x[j]. */
  addInto(y: Address, x: Address, length: number): void;
  /** Copies `length` floats. */
  copy(to: Address, from: Address, length: number): void;
  /** Sets `length` floats to `value`. */
  fill(y: Address, length: number, value: number): void;
  /** x[j] *= factor. */
  scale(x: Address, factor: number, length: number): void;
  /** x[r, j] *= scales[r]. */
  scaleRows(x: Address, scales: Address, rows: number, columns: number): void;
  /** sums[j] = Σ_r y[r, j]. */
  columnSums(y: Address, rows: number, columns: number, sums: Address): void;
  /** Sets every row of `y` to `row`. */
  fillRows(y: Address, row: Address, rows: number, columns: number): void;
  /** y[n] = table[ids[n]]; a row of NaN for an id outside the table. */
  gatherRows(table: Address, ids: Address, y: Address, N: number, V: number, E: number): void;
  /** dTable = 0, then dTable[ids[n]] += dy[n] in order. */
  scatterRows(dy: Address, ids: Address, dTable: Address, N: number, V: number, E: number): void;
  /** Probabilities of N rows of V logits, in place if both addresses are the same. */
  softmax(logits: Address, probabilities: Address, N: number, V: number): void;
  /** Probabilities, NLL per row; returns the weighted sum. `weights` may be 0 for ones. */
  softmaxCrossEntropy(
    logits: Address,
    labels: Address,
    weights: Address,
    probabilities: Address,
    perRow: Address,
    N: number,
    V: number,
  ): number;
  /** (probabilities - onehot) · (weights · scale + dPerRow); `weights`, `dPerRow` may be 0. */
  softmaxCrossEntropyBackward(
    probabilities: Address,
    labels: Address,
    weights: Address,
    dPerRow: Address,
    dLogits: Address,
    N: number,
    V: number,
    scale: number,
  ): void;
  /** NLL of the network mixed with two other predictors, and the gradients of the mixture. */
  mixLosses(
    perRow: Address,
    gates: Address,
    memory: Address,
    weights: Address,
    factors: Address,
    dGates: Address,
    N: number,
    alone: number,
  ): void;
  /** Adds to each logit the value for how its symbol lies relative to the row's anchor pitch. */
  addRelative(
    logits: Address,
    relative: Address,
    stride: number,
    anchors: Address,
    shapes: Address,
    bases: Address,
    N: number,
    V: number,
  ): void;
  /** The gradient of {@linkcode addRelative}; adds to `dRelative`. */
  addRelativeBackward(
    dLogits: Address,
    dRelative: Address,
    stride: number,
    anchors: Address,
    shapes: Address,
    bases: Address,
    N: number,
    V: number,
  ): void;
  /** y[i] = x[i] · scale where the hash of (seed, offset + i) is at least `threshold`, else 0. */
  dropout(
    x: Address,
    y: Address,
    length: number,
    threshold: number,
    scale: number,
    seed: number,
    offset: number,
  ): void;
  /** One step of Adam; `rate` from {@linkcode adamRate}, `decay` = learning rate · weight decay. */
  adam(
    parameters: Address,
    firstMoment: Address,
    secondMoment: Address,
    gradient: Address,
    length: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    gradientScale: number,
    decay: number,
  ): void;
  /** Σ x², in float64 over runs of 512. */
  sumOfSquares(x: Address, length: number): number;
}

/** Code of an activation in the kernels. */
export const ACTIVATION = { linear: 0, relu: 1, tanh: 2 } as const;

/** Bytes of every `scratch` argument; its address is a multiple of 16. */
export const SCRATCH_BYTES = 262144;

/** Bytes that hold a packed matrix of `depth` rows and `columns` columns in any build. */
export function packedBytes(depth: number, columns: number): number {
  return 4 * Math.ceil(depth / 32) * 32 * Math.ceil(columns / 8) * 8;
}

/**
 * Whether this engine can run relaxed SIMD: the smallest module that uses `f32x4.relaxed_madd`
 * (opcode 0xfd 0x85 0x02) is valid.
 */
export function hasRelaxedSimd(): boolean {
  // deno-fmt-ignore
  return WebAssembly.validate(new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic, version
    1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b, // type: (v128, v128, v128) → v128
    3, 2, 1, 0, // one function
    10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 2, 0x0b, // its body
  ]));
}

/**
 * The builds of the kernels.
 *
 * - `relaxed`: fused multiply-add (relaxed SIMD), for any memory
 * - `simd`: its plain twin, for engines without relaxed SIMD; products are rounded once more
 * - `wide`: the bits of `relaxed`, about twice as fast where V8 joins 128-bit operations to 256-bit ones
 *   (`--v8-flags=--experimental-wasm-revectorize` on a processor with AVX2), about half as fast
 *   elsewhere; only for a memory whose first {@linkcode KERNEL_AREA_BYTES} bytes nothing else uses
 */
export type KernelBuild = "relaxed" | "simd" | "wide";

/** Bytes at the start of the memory that the `wide` build needs for itself. */
export const KERNEL_AREA_BYTES = 16384;

/** The compiled kernels; default: relaxed if this engine can run it, else the plain ones. */
export function compiledKernels(
  build: KernelBuild = hasRelaxedSimd() ? "relaxed" : "simd",
): Promise<WebAssembly.Module> {
  return kernelsModule(build);
}

/** The two loops of the probe. */
interface Probe {
  addFew(turns: number): void;
  addMany(turns: number): void;
}

/** Turns of a loop of the probe: some 10 microseconds. */
const PROBE_TURNS = 5_000;
/** Rounds without a fall of either time by a fifth after which V8 has optimised both loops. */
const SETTLED_ROUNDS = 400;
/** Most rounds of the probe. */
const PROBE_ROUNDS = 4_000;

/**
 * The build that is fastest for a memory of one's own: `wide` where V8 makes 256-bit code of it, which
 * shows in the time of two small loops (some 30 milliseconds in all), else the default. All builds
 * with relaxed SIMD compute the same bits, so the choice changes the speed only.
 *
 * @param now a clock in milliseconds, for example `() => performance.now()`
 */
export async function fastestBuild(now: () => number): Promise<KernelBuild> {
  if (!hasRelaxedSimd()) return "simd";
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = await kernelsModule("probe");
  const probe = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Probe;
  let [few, many, settled] = [Infinity, Infinity, 0];
  for (let round = 0; round < PROBE_ROUNDS && settled < SETTLED_ROUNDS; round++) {
    const start = now();
    probe.addFew(PROBE_TURNS);
    const middle = now();
    probe.addMany(PROBE_TURNS);
    const [newFew, newMany] = [middle - start, now() - middle];
    settled = newFew < 0.8 * few || newMany < 0.8 * many ? 0 : settled + 1;
    [few, many] = [Math.min(few, newFew), Math.min(many, newMany)];
  }
  // Twice the work: 1.5 times as long when joined, 4 times when not, 2 times before V8 optimises.
  return many < 1.75 * few ? "wide" : "relaxed";
}

/** The compiled kernels of the build that is fastest here, see {@linkcode fastestBuild}. */
export async function fastestKernels(now: () => number): Promise<WebAssembly.Module> {
  return await compiledKernels(await fastestBuild(now));
}

/** An instance of the kernels that works on `memory`. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/**
 * Adam's step size at step `step` (from 1): `learningRate · √(1 - beta2ᵗ) / (1 - beta1ᵗ)`, which is how
 * Keras corrects the bias of both moments at once (Kingma & Ba, arXiv:1412.6980, section 2).
 */
export function adamRate(learningRate: number, beta1: number, beta2: number, step: number): number {
  return learningRate * Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
}

/** Lowest hash that survives dropout at `rate`, and the scale of what survives. */
export function dropoutConstants(rate: number): { threshold: number; scale: number } {
  return { threshold: Math.round(rate * 2 ** 32) >>> 0, scale: 1 / (1 - rate) };
}
