/** The kernels themselves, every build on a memory of its own. */
import assert from "node:assert/strict";
import {
  adamRate,
  compiledKernels,
  fastestBuild,
  hasRelaxedSimd,
  instantiateKernels,
  KERNEL_AREA_BYTES,
  type KernelBuild,
  type Kernels,
  packedBytes,
  SCRATCH_BYTES,
} from "../../lib/engine/kernels.ts";
import { createPrng, type Prng } from "../../lib/random.ts";

const BUILDS: readonly KernelBuild[] = ["relaxed", "simd", "wide"];

/** Kernels on a new memory, and a simple way to put arrays into it. */
interface Bench {
  readonly kernels: Kernels;
  put(values: Float32Array | Int32Array): number;
  /** Puts values into the last bytes of the memory. */
  atEnd(values: Float32Array): number;
  floats(length: number): number;
  /** Scratch of as many bytes as this build says it needs. */
  scratch(): number;
  /** Reads floats, and makes sure that no kernel wrote between the areas. */
  read(address: number, length: number): Float32Array;
}

/** A memory full of NaN: what is read before it is written shows in the results. */
async function bench(build: KernelBuild): Promise<Bench> {
  const memory = new WebAssembly.Memory({ initial: 100 });
  new Float32Array(memory.buffer).fill(NaN);
  const kernels = instantiateKernels(await compiledKernels(build), memory);
  const guards: Float32Array[] = [];
  let next = KERNEL_AREA_BYTES;
  const take = (bytes: number) => {
    const [address, end] = [next, next + bytes];
    next = Math.ceil(end / 16) * 16 + 16;
    guards.push(new Float32Array(memory.buffer, end, (next - end) / 4));
    return address;
  };
  return {
    kernels,
    put(values) {
      const address = take(values.byteLength);
      new Uint8Array(memory.buffer, address).set(new Uint8Array(values.buffer));
      return address;
    },
    atEnd(values) {
      const address = memory.buffer.byteLength - values.byteLength;
      new Float32Array(memory.buffer, address).set(values);
      return address;
    },
    floats: (length) => take(length * 4),
    scratch: () => take(kernels.gemmScratchBytes()),
    read(address, length) {
      assert.ok(
        guards.every((guard) => guard.every(Number.isNaN)),
        "a kernel wrote beyond an area",
      );
      return new Float32Array(memory.buffer, address, length).slice();
    },
  };
}

function random(prng: Prng, length: number): Float32Array {
  return Float32Array.from({ length }, () => prng.normal());
}

/** A·B in float64; `turned`: A is given as [K, M]. */
function product(
  a: Float32Array,
  b: Float32Array,
  [M, N, K]: readonly number[],
  turned = false,
): Float64Array {
  const c = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      const x = turned ? a[k * M + m] : a[m * K + k];
      for (let n = 0; n < N; n++) c[m * N + n] += x * b[k * N + n];
    }
  }
  return c;
}

/** A·B (or C + A·B) by the kernel. */
function runGemm(
  { kernels, put, floats, scratch, read }: Bench,
  a: Float32Array,
  b: Float32Array,
  [M, N, K]: readonly number[],
  c?: Float32Array,
): Float32Array {
  const packed = floats(packedBytes(K, N) / 4);
  kernels.packRows(put(b), 4 * N, K, N, packed);
  const to = c ? put(c) : floats(M * N);
  kernels.gemm(put(a), 4 * K, packed, to, 4 * N, M, N, K, c ? 1 : 0, scratch());
  return read(to, M * N);
}

/** Aᵀ·B by the kernel. */
function runTurned(
  { kernels, put, floats, scratch, read }: Bench,
  a: Float32Array,
  b: Float32Array,
  [M, N, K]: readonly number[],
): Float32Array {
  const packed = floats(packedBytes(K, Math.max(M, N)) / 4);
  const to = floats(M * N);
  kernels.gemmTurned(put(a), 4 * M, put(b), 4 * N, to, 4 * N, M, N, K, packed, scratch());
  return read(to, M * N);
}

/** M, N, K: one of everything, no multiples of a tile, more than one chunk, block and panel. */
const SIZES = [
  [1, 1, 1],
  [1, 33, 5],
  [1, 70, 2100],
  [40, 1100, 70],
  [1100, 40, 70],
  [2, 3, 4],
  [3, 17, 64],
  [4, 16, 64],
  [5, 31, 65],
  [7, 8, 130],
  [13, 40, 31],
  [49, 9, 3],
  [17, 1100, 96],
  [50, 24, 2090],
  [100, 5, 1030],
] as const;

/** T, B, D, H. */
const LSTM_SIZES = [
  [1, 1, 1, 1],
  [1, 1, 3, 9],
  [5, 3, 1, 6],
  [3, 2, 7, 5],
  [4, 17, 3, 20],
  [2, 5, 70, 33],
  [9, 15, 2, 17],
  [2, 70, 3, 5],
  [3, 2, 40, 5],
  [2, 2, 2, 70],
] as const;

interface LstmValues {
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly u: Float32Array;
  readonly bias: Float32Array;
  readonly h0: Float32Array;
  readonly c0: Float32Array;
  /** Gradient of the outputs. */
  readonly dy: Float32Array;
}

function lstmValues([T, B, D, H]: readonly number[]): LstmValues {
  const prng = createPrng(9, `${T} ${B} ${D} ${H}`);
  return {
    x: random(prng, T * B * D),
    w: random(prng, D * 4 * H),
    u: random(prng, H * 4 * H),
    bias: random(prng, 4 * H),
    h0: random(prng, B * H),
    c0: random(prng, B * H),
    dy: random(prng, T * B * H),
  };
}

interface LstmRun {
  readonly outputs: Float32Array;
  readonly cells: Float32Array;
  readonly dh: Float32Array;
  readonly dc: Float32Array;
  readonly dw: Float32Array;
  readonly du: Float32Array;
  readonly db: Float32Array;
}

/** Forward and backward pass of an LSTM layer. */
async function runLstm(
  build: KernelBuild,
  { x, w, u, bias, h0, c0, dy }: LstmValues,
  [T, B, D, H]: readonly number[],
): Promise<LstmRun> {
  const { kernels, put, floats, scratch: needed, read } = await bench(build);
  const room = (depth: number, columns: number) => floats(packedBytes(depth, columns) / 4);
  const [wPacked, uPacked, turned] = [room(D, 4 * H), room(H, 4 * H), room(4 * H, H)];
  kernels.packRows(put(w), 16 * H, D, 4 * H, wPacked);
  const recurrent = put(u);
  kernels.packRows(recurrent, 16 * H, H, 4 * H, uPacked);
  kernels.packColumns(recurrent, 16 * H, 4 * H, H, turned);
  const [input, h, c] = [put(x), put(h0), put(c0)];
  const [gates, cells, outputs] = [floats(T * B * 4 * H), floats(T * B * H), floats(T * B * H)];
  const scratch = needed();
  const sizes = [T, B, D, H] as const;
  const results = [gates, cells, outputs] as const;
  kernels.lstmForward(input, wPacked, put(bias), uPacked, h, c, ...results, ...sizes, scratch);
  const [dh, dc] = [put(new Float32Array(B * H)), put(new Float32Array(B * H))];
  kernels.lstmBackward(put(dy), gates, cells, c, turned, dh, dc, gates, T, B, H, scratch);
  const [dw, du, db] = [floats(D * 4 * H), floats(H * 4 * H), floats(4 * H)];
  const packed = room(T * B, Math.max(D, 4 * H));
  const weights = [dw, du, db] as const;
  kernels.lstmWeightGradients(gates, input, h, outputs, ...weights, ...sizes, packed, scratch);
  return {
    outputs: read(outputs, T * B * H),
    cells: read(cells, T * B * H),
    dh: read(dh, B * H),
    dc: read(dc, B * H),
    dw: read(dw, D * 4 * H),
    du: read(du, H * 4 * H),
    db: read(db, 4 * H),
  };
}

/** One row of a matrix. */
function rowOf(values: Float32Array, row: number, columns: number): Float32Array {
  return values.slice(row * columns, (row + 1) * columns);
}

for (const build of BUILDS) {
  Deno.test(`${build}: the product is that of float64 arithmetic`, async () => {
    for (const size of SIZES) {
      const [M, N, K] = size;
      const prng = createPrng(1, `${size}`);
      const [a, b, c] = [random(prng, M * K), random(prng, K * N), random(prng, M * N)];
      const [wanted, turned] = [product(a, b, size), product(a, b, size, true)];
      const found = runGemm(await bench(build), a, b, size);
      const sum = runGemm(await bench(build), a, b, size, c);
      const foundTurned = runTurned(await bench(build), a, b, size);
      const tolerance = 1e-6 * Math.sqrt(K) * 4;
      wanted.forEach((value, i) => {
        assert.ok(Math.abs(found[i] - value) < tolerance, `${size} ${i}`);
        assert.ok(Math.abs(sum[i] - (c[i] + value)) < tolerance, `${size} + ${i}`);
        assert.ok(Math.abs(foundTurned[i] - turned[i]) < tolerance, `${size} turned ${i}`);
      });
    }
  });

  Deno.test(`${build}: a row of the product has the same bits alone and among others`, async () => {
    for (const [M, N, K] of SIZES) {
      const prng = createPrng(2, `${M} ${N} ${K}`);
      const [a, b] = [random(prng, M * K), random(prng, K * N)];
      const all = runGemm(await bench(build), a, b, [M, N, K]);
      for (let m = 0; m < M; m += 6) {
        const row = runGemm(await bench(build), a.slice(m * K, (m + 1) * K), b, [1, N, K]);
        assert.deepEqual(row, all.slice(m * N, (m + 1) * N), `${[M, N, K]} row ${m}`);
      }
    }
  });

  Deno.test(`${build}: a product reads nothing behind its factors, even at the end of memory`, async () => {
    for (const [M, N, K] of SIZES) {
      const { kernels, put, floats, scratch: needed, atEnd } = await bench(build);
      const prng = createPrng(8, `${M} ${N} ${K}`);
      const packed = floats(packedBytes(K, Math.max(M, N)) / 4);
      const scratch = needed();
      const c = put(new Float32Array(M * N));
      const sizes = [M, N, K] as const;
      kernels.packRows(atEnd(random(prng, K * N)), 4 * N, K, N, packed);
      kernels.gemm(atEnd(random(prng, M * K)), 4 * K, packed, c, 4 * N, ...sizes, 0, scratch);
      kernels.packColumns(atEnd(random(prng, K * N)), 4 * K, K, N, packed);
      const [x, y] = [random(prng, K * M), random(prng, K * N)];
      kernels.gemmTurned(atEnd(x), 4 * M, put(y), 4 * N, c, 4 * N, ...sizes, packed, scratch);
      kernels.gemmTurned(put(x), 4 * M, atEnd(y), 4 * N, c, 4 * N, ...sizes, packed, scratch);
    }
  });

  Deno.test(`${build}: packing a transposed matrix equals packing its transpose`, async () => {
    for (const [depth, columns] of [[1, 1], [3, 5], [7, 16], [64, 33], [130, 9]]) {
      const { kernels, put, floats, read } = await bench(build);
      const b = random(createPrng(3), depth * columns);
      const transpose = b.map((_, i) => b[(i % depth) * columns + Math.floor(i / depth)]);
      const size = packedBytes(depth, columns) / 4;
      const [first, second] = [floats(size), floats(size)];
      kernels.packRows(put(b), 4 * columns, depth, columns, first);
      kernels.packColumns(put(transpose), 4 * depth, depth, columns, second);
      const used = kernels.packedBytes(depth, columns) / 4;
      assert.ok(used <= size);
      assert.deepEqual(read(second, used), read(first, used));
    }
  });

  Deno.test(`${build}: step after step, row by row, the LSTM gives the bits of all at once`, async () => {
    for (const sizes of LSTM_SIZES) {
      const [T, B, D, H] = sizes;
      const values = lstmValues(sizes);
      const all = await runLstm(build, values, sizes);
      for (let row = 0; row < B; row++) {
        let state = { h0: rowOf(values.h0, row, H), c0: rowOf(values.c0, row, H) };
        for (let t = 0; t < T; t++) {
          const x = rowOf(values.x.slice(t * B * D, (t + 1) * B * D), row, D);
          const one = await runLstm(build, { ...values, ...state, x }, [1, 1, D, H]);
          const wanted = rowOf(all.outputs.slice(t * B * H, (t + 1) * B * H), row, H);
          assert.deepEqual(one.outputs, wanted, `${sizes} row ${row} step ${t}`);
          state = { h0: one.outputs, c0: one.cells };
        }
      }
    }
  });

  Deno.test(`${build}: tanh is accurate, odd and passes NaN on`, async () => {
    const { kernels, put, read } = await bench(build);
    const x = Float32Array.from({ length: 4001 }, (_, i) => 12 * Math.sinh((i - 2000) / 350) / 150);
    const at = put(Float32Array.of(...x, NaN, Infinity, -Infinity));
    kernels.activate(at, x.length + 3, 2);
    const y = read(at, x.length + 3);
    x.forEach((value, i) => {
      const wanted = Math.tanh(value);
      assert.ok(Math.abs(y[i] - wanted) <= 4e-7 * Math.abs(wanted), `tanh ${value}`);
      assert.ok(y[x.length - 1 - i] === -y[i]);
    });
    assert.ok(Number.isNaN(y[x.length]));
    assert.deepEqual([...y.slice(-2)].map(Math.round), [1, -1]);
  });

  Deno.test(`${build}: relu passes NaN on`, async () => {
    const { kernels, put, read } = await bench(build);
    const at = put(Float32Array.of(-1, 2, NaN, 0, NaN));
    kernels.activate(at, 5, 1);
    assert.deepEqual([...read(at, 5)], [0, 2, NaN, 0, NaN]);
  });

  Deno.test(`${build}: softmax is accurate and passes NaN on`, async () => {
    const { kernels, put, read } = await bench(build);
    const V = 1001;
    const logits = Float32Array.from({ length: V }, (_, i) => -i * 0.08);
    const wanted = [...logits].map((x) => Math.exp(x));
    const total = wanted.reduce((a, b) => a + b);
    const at = put(logits);
    kernels.softmax(at, at, 1, V);
    read(at, V).forEach((p, i) => {
      assert.ok(Math.abs(p - wanted[i] / total) <= 5e-7 * wanted[i] / total, `${i}: ${p}`);
    });
    const bad = put(Float32Array.of(1, NaN, 3, 1, 2, 3));
    kernels.softmax(bad, bad, 2, 3);
    const rows = read(bad, 6);
    assert.ok(rows.slice(0, 3).every(Number.isNaN));
    assert.ok(rows.slice(3).every(Number.isFinite));
  });

  Deno.test(`${build}: NaN in any logit and a label out of range make the loss NaN`, async () => {
    const { kernels, put, floats, read } = await bench(build);
    const logits = Float32Array.of(NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, 1, 2, 3, 1, 2, 3, 0, 0, 0);
    const labels = Int32Array.of(1, 1, 1, 3, -1, 2);
    const perRow = floats(6);
    const total = kernels.softmaxCrossEntropy(
      put(logits),
      put(labels),
      0,
      floats(18),
      perRow,
      6,
      3,
    );
    const losses = [...read(perRow, 6)];
    assert.deepEqual(losses.map(Number.isNaN), [true, true, true, true, true, false]);
    assert.ok(Math.abs(losses[5] - Math.log(3)) < 1e-6);
    assert.ok(Number.isNaN(total));
  });

  Deno.test(`${build}: an id outside the table gives a row of NaN and no gradient`, async () => {
    const { kernels, put, floats, read } = await bench(build);
    const table = put(Float32Array.of(1, 2, 3, 4, 7, 7)); // two rows, and something behind them
    const ids = put(Int32Array.of(1, 2, -1));
    const rows = floats(6);
    kernels.gatherRows(table, ids, rows, 3, 2, 2);
    assert.deepEqual([...read(rows, 6)], [3, 4, NaN, NaN, NaN, NaN]);
    const gradient = floats(4);
    kernels.scatterRows(put(Float32Array.of(5, 6, 7, 8, 9, 10)), ids, gradient, 3, 2, 2);
    assert.deepEqual([...read(gradient, 4)], [0, 0, 5, 6]);
  });

  Deno.test(`${build}: Adam follows the formulas of Keras, with clipping and decay`, async () => {
    const { kernels, put, read } = await bench(build);
    const prng = createPrng(5);
    const length = 37;
    const arrays = [1, 0.1, 0, 1].map((scale) => random(prng, length).map((x) => x * scale));
    arrays[2] = arrays[1].map((x) => x * x);
    const [p, m, v, g] = arrays.map((array) => put(array));
    const [rate, scale, decay] = [adamRate(0.01, 0.9, 0.999, 3), 0.5, 0.01 * 0.1];
    kernels.adam(p, m, v, g, length, rate, 0.9, 0.999, 1e-7, scale, decay);
    const found = [p, m, v].map((address) => read(address, length));
    for (let i = 0; i < length; i++) {
      const gradient = arrays[3][i] * 0.5;
      const first = 0.9 * arrays[1][i] + 0.1 * gradient;
      const second = 0.999 * arrays[2][i] + 0.001 * gradient ** 2;
      const alpha = 0.01 * Math.sqrt(1 - 0.999 ** 3) / (1 - 0.9 ** 3);
      const wanted = arrays[0][i] * (1 - 0.01 * 0.1) -
        alpha * first / (Math.sqrt(second) + 1e-7);
      assert.ok(Math.abs(found[0][i] - wanted) < 2e-6);
      assert.ok(Math.abs(found[1][i] - first) < 1e-6);
      assert.ok(Math.abs(found[2][i] - second) < 1e-6);
    }
  });

  Deno.test(`${build}: the sum of squares is that of float64 arithmetic`, async () => {
    const { kernels, put } = await bench(build);
    for (const length of [1, 3, 8, 511, 513, 5000]) {
      const x = random(createPrng(6, `${length}`), length);
      const wanted = x.reduce((sum, value) => sum + value * value, 0);
      assert.ok(Math.abs(kernels.sumOfSquares(put(x), length) / wanted - 1) < 1e-6);
    }
  });
}

Deno.test("relaxed and wide give the same bits", async () => {
  for (const [M, N, K] of SIZES) {
    for (const run of [runGemm, runTurned]) {
      const prng = createPrng(4, `${M} ${N} ${K}`);
      const [a, b] = [random(prng, M * K), random(prng, K * N)];
      const results = [];
      for (const build of ["relaxed", "wide"] as const) {
        results.push(run(await bench(build), a, b, [M, N, K]));
      }
      assert.deepEqual(results[1], results[0], `${[M, N, K]}`);
    }
  }
});

Deno.test("relaxed and wide give the same zero for sums that vanish below it", async () => {
  for (const K of [2, 32, 64, 100, 128]) {
    const [a, b] = [new Float32Array(K * 2).fill(-1e-30), new Float32Array(K * 3).fill(1e-30)];
    for (const build of ["relaxed", "wide"] as const) {
      for (const run of [runGemm, runTurned]) {
        assert.deepEqual(run(await bench(build), a, b, [2, 3, K]), new Float32Array(6), `${K}`);
      }
    }
  }
});

Deno.test("relaxed and wide give the same bits for the LSTM and all its gradients", async () => {
  for (const sizes of LSTM_SIZES) {
    const values = lstmValues(sizes);
    const relaxed = await runLstm("relaxed", values, sizes);
    const wide = await runLstm("wide", values, sizes);
    for (const [name, array] of Object.entries(relaxed)) {
      assert.deepEqual(wide[name as keyof LstmRun], array, `${sizes} ${name}`);
    }
  }
});

Deno.test("the scratch that the kernels need is within what is promised", async () => {
  for (const build of BUILDS) {
    assert.ok((await bench(build)).kernels.gemmScratchBytes() <= SCRATCH_BYTES);
  }
});

Deno.test("the fastest build is wide only where the loop with twice the sums takes little longer", async () => {
  // Clocks that make the two loops take so many milliseconds; the first rounds are not optimised yet.
  const clock = (few: number, many: number, unoptimised = 0) => {
    let [time, call] = [0, 0];
    return () => {
      const slow = call < 3 * unoptimised;
      return time += [5, slow ? 70 : few, slow ? 140 : many][call++ % 3];
    };
  };
  assert.equal(await fastestBuild(clock(10, 15)), "wide");
  assert.equal(await fastestBuild(clock(10, 20)), "relaxed");
  assert.equal(await fastestBuild(clock(10, 42)), "relaxed");
  assert.equal(await fastestBuild(clock(10, 15, 399)), "wide");
  assert.equal(await fastestBuild(clock(10, 42, 399)), "relaxed");
});

Deno.test("relaxed SIMD is there: Deno has had it since V8 11.4", () => {
  assert.equal(hasRelaxedSimd(), true);
});
