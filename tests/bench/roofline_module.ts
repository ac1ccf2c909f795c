/**
 * A loop of relaxed_madd on registers alone, as a WebAssembly module written out byte by byte, so that
 * no compiler but V8's has a say in it.
 */

const i32 = 0x7f, f32 = 0x7d, v128 = 0x7b;
const simd = 0xfd;
const localGet = (index: number) => [0x20, index];
const localSet = (index: number) => [0x21, index];
const address0 = [0x41, 0];
const splat = [simd, 0x13];
const relaxedMadd = [simd, 0x85, 0x02];
/** A 16-byte aligned load or store of the i-th vector of the memory. */
const load = (i: number) => [simd, 0x00, 4, ...leb(16 * i)];
const store = (i: number) => [simd, 0x0b, 4, ...leb(16 * i)];

/** A number as unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [value & 127 | 128, ...leb(value >> 7)];
}

const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];

/**
 * The function (turns: i32, x: f32): adds x · x to each sum, once a turn.
 *
 * The sums come from memory and go back there side by side: that is what lets V8 fuse pairs of them
 * into 256-bit registers (`--experimental-wasm-revectorize`).
 */
function body(sumCount: number): number[] {
  const turns = 0, x = 1, factor = 2, first = 3;
  const sums = Array.from({ length: sumCount }, (_, i) => first + i);
  const code = [
    ...[1, ...leb(1 + sumCount), v128], // locals: the factor and the sums
    ...[...localGet(x), ...splat, ...localSet(factor)],
    ...sums.flatMap((sum, i) => [...address0, ...load(i), ...localSet(sum)]),
    ...[0x03, 0x40], // loop
    ...sums.flatMap((sum) => [
      ...[...localGet(factor), ...localGet(factor), ...localGet(sum)],
      ...[...relaxedMadd, ...localSet(sum)],
    ]),
    ...localGet(turns),
    ...[0x41, 1, 0x6b, 0x22, turns, 0x0d, 0], // turns - 1, kept in turns; again unless it is zero
    0x0b, // end of the loop
    ...sums.flatMap((sum, i) => [...address0, ...localGet(sum), ...store(i)]),
    0x0b, // end of the function
  ];
  return [1, ...leb(code.length), ...code];
}

/** A compiled loop: `run(turns, x)` adds x · x `turns` times to each of the floats in `sums`. */
export interface MaddLoop {
  readonly run: (turns: number, x: number) => void;
  readonly sums: Float32Array;
  /** Floating-point operations of one turn: a multiply and an add for each float. */
  readonly operationsPerTurn: number;
}

/**
 * Compiles the loop with so many independent sums of four floats, each in a register of its own.
 *
 * @throws {WebAssembly.CompileError} If this machine has no relaxed SIMD.
 */
export function createMaddLoop(sumCount: number): MaddLoop {
  const module = new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, i32, f32, 0]), // one type: (i32, f32) → ()
    ...section(3, [1, 0]), // one function of that type
    ...section(5, [1, 0, 1]), // one memory of one page
    ...section(7, [2, 1, 0x72, 0, 0, 1, 0x6d, 2, 0]), // exported as "r" and "m"
    ...section(10, body(sumCount)),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
  const memory = exports.m as WebAssembly.Memory;
  return {
    run: exports.r as MaddLoop["run"],
    sums: new Float32Array(memory.buffer, 0, 4 * sumCount),
    operationsPerTurn: 2 * 4 * sumCount,
  };
}
