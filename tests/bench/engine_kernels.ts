/**
 * How fast the kernels are, on one thread, as shares of the peak that a loop on registers alone reaches
 * in the same run. Run it with `--v8-flags=--experimental-wasm-revectorize` to see the wide build as
 * it is meant. Times are of the processor, the shortest of many; shares are the median of many, each of the
 * peak just before and after: others use the machine too.
 */
import {
  compiledKernels,
  instantiateKernels,
  KERNEL_AREA_BYTES,
  type KernelBuild,
  type Kernels,
  packedBytes,
  SCRATCH_BYTES,
} from "../../lib/engine/kernels.ts";
import process from "node:process";
import { createMaddLoop } from "./roofline_module.ts";

const SECONDS_PER_CASE = 1.5;

/** A memory that only grows, filled with small numbers. */
function createArena(): { memory: WebAssembly.Memory; take(floats: number): number } {
  const memory = new WebAssembly.Memory({ initial: 4096 });
  const values = new Float32Array(memory.buffer);
  let state = 1;
  for (let i = 0; i < values.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    values[i] = state / 2 ** 34;
  }
  let next = KERNEL_AREA_BYTES;
  return {
    memory,
    take(floats) {
      const address = next;
      next = Math.ceil((next + floats * 4) / 64) * 64;
      if (next > memory.buffer.byteLength) throw new RangeError("The bench's memory is too small");
      return address;
    },
  };
}

const loops = [12, 24].map(createMaddLoop);

/** Processor time of this process in milliseconds: what others use does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Operations a millisecond of the register-only loop just now. */
function peak(): number {
  return Math.max(...loops.map(({ run, operationsPerTurn }) => {
    const turns = 50_000;
    const start = cpuTime();
    run(turns, 0.5);
    return turns * operationsPerTurn / (cpuTime() - start);
  }));
}

/** The shortest processor time in milliseconds, and the median share of the peak before and after each run. */
function measure({ run, operations }: Case): { time: number; share: number } {
  const times: number[] = [];
  const shares: number[] = [];
  const end = performance.now() + SECONDS_PER_CASE * 1000;
  let before = peak();
  while (performance.now() < end) {
    const start = cpuTime();
    run();
    const time = cpuTime() - start;
    const after = peak();
    times.push(time);
    shares.push(operations / time / ((before + after) / 2));
    before = after;
  }
  shares.sort((a, b) => a - b);
  return { time: Math.min(...times), share: shares[shares.length >> 1] };
}

interface Case {
  readonly name: string;
  readonly operations: number;
  readonly run: () => void;
}

function product(kernels: Kernels, name: string, [M, N, K]: number[], turned = false): Case {
  const { take } = arena;
  const [a, b, c] = [take(M * K), take(packedBytes(K, Math.max(M, N)) / 4), take(M * N)];
  const scratch = take(SCRATCH_BYTES / 4);
  const y = take(K * N);
  kernels.packRows(y, 4 * N, K, N, b);
  const run = turned
    ? () => kernels.gemmTurned(a, 4 * M, y, 4 * N, c, 4 * N, M, N, K, b, scratch)
    : () => kernels.gemm(a, 4 * K, b, c, 4 * N, M, N, K, 0, scratch);
  return { name, operations: 2 * M * N * K, run };
}

function layer(kernels: Kernels, [T, B, D, H]: number[]): Case[] {
  const { take } = arena;
  const rows = T * B;
  const [x, bias, h0, c0] = [take(rows * D), take(4 * H), take(B * H), take(B * H)];
  const [w, u] = [take(packedBytes(D, 4 * H) / 4), take(packedBytes(H, 4 * H) / 4)];
  const turned = take(packedBytes(4 * H, H) / 4);
  const turnedW = take(packedBytes(4 * H, D) / 4);
  const [gates, cells, outputs] = [take(rows * 4 * H), take(rows * H), take(rows * H)];
  const [dh, dc, dz, dx] = [take(B * H), take(B * H), take(rows * 4 * H), take(rows * D)];
  const [dw, du, db] = [take(D * 4 * H), take(H * 4 * H), take(4 * H)];
  const packed = take(packedBytes(rows, Math.max(D, 4 * H)) / 4);
  const scratch = take(SCRATCH_BYTES / 4);
  const weights = take(4 * H * Math.max(D, H));
  kernels.packRows(weights, 16 * H, D, 4 * H, w);
  kernels.packRows(weights, 16 * H, H, 4 * H, u);
  kernels.packColumns(weights, 16 * H, 4 * H, H, turned);
  kernels.packColumns(weights, 16 * H, 4 * H, D, turnedW);
  const name = `lstm [${T},${B},${D}] → ${H}`;
  const step = 2 * rows * 4 * H;
  return [
    {
      name: `${name} forward`,
      operations: step * (D + H),
      run: () =>
        kernels.lstmForward(
          ...[x, w, bias, u, h0, c0, gates, cells, outputs] as const,
          ...[T, B, D, H, scratch] as const,
        ),
    },
    {
      name: `${name} backward in time`,
      operations: step * H,
      run: () =>
        kernels.lstmBackward(
          ...[outputs, gates, cells, c0, turned, dh, dc, dz] as const,
          ...[T, B, H, scratch] as const,
        ),
    },
    {
      name: `${name} weight gradients`,
      operations: step * (D + H),
      run: () =>
        kernels.lstmWeightGradients(
          ...[dz, x, h0, outputs, dw, du, db] as const,
          ...[T, B, D, H, packed, scratch] as const,
        ),
    },
    {
      name: `${name} input gradient`,
      operations: step * D,
      run: () => kernels.gemm(dz, 16 * H, turnedW, dx, 4 * D, rows, D, 4 * H, 0, scratch),
    },
  ];
}

let arena = createArena();
const wanted = Deno.args[0] ?? "";
const peaks = Array.from({ length: 200 }, peak);
console.log(`peak ${(Math.max(...peaks) / 1e6).toFixed(1)} GFLOPS`);
for (const build of ["relaxed", "wide"] as KernelBuild[]) {
  const start = () => {
    arena = createArena();
    return instantiateKernels(module, arena.memory);
  };
  const module = await compiledKernels(build);
  const cases = [
    () => [product(start(), "product 16 × 2048 over 512", [16, 2048, 512])],
    () => [product(start(), "product 32 × 512 over 2048", [32, 512, 2048])],
    () => [product(start(), "product 1600 × 1024 over 512", [1600, 1024, 512])],
    () => [
      product(start(), "product 512 × 2048 over 1600, turned, packing", [512, 2048, 1600], true),
    ],
    () => layer(start(), [50, 16, 1, 512]),
    () => layer(start(), [50, 32, 1, 512]),
    () => layer(start(), [50, 32, 512, 256]),
    () => layer(start(), [64, 16, 128, 256]),
    () => layer(start(), [64, 32, 256, 256]),
  ];
  for (const make of cases) {
    for (const item of make()) {
      if (!item.name.includes(wanted)) continue;
      const { time, share } = measure(item);
      const rate = item.operations / time / 1e6;
      console.log(
        `${build.padEnd(8)}${item.name.padEnd(44)}${time.toFixed(3).padStart(9)} ms` +
          `${rate.toFixed(1).padStart(7)} GFLOPS${(100 * share).toFixed(0).padStart(4)} %`,
      );
    }
  }
}
