/** The tests of the operations, for one build of the kernels. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import {
  type Activation,
  dense,
  dropout,
  embedding,
  lstm,
  type LstmInputs,
  softmaxCrossEntropy,
} from "../../lib/engine/ops.ts";
import { tf } from "../../lib/engine/tf.ts";
import { createPrng } from "../../lib/random.ts";
import {
  evaluate,
  type Operation,
  random,
  randomCotangents,
  randomIds,
  referenceCrossEntropy,
  referenceLstm,
  relativeError,
  type Values,
} from "./reference.ts";

/** Float32 sums of up to some hundred terms in another order differ by about this much. */
const TOLERANCE = 1e-5;

async function compare(
  name: string,
  ours: Operation,
  reference: Operation,
  inputs: Record<string, Values>,
): Promise<void> {
  const prng = createPrng(7, name);
  const cotangents = await randomCotangents(prng, reference, inputs);
  const wanted = await evaluate("cpu", reference, inputs, cotangents);
  const found = await evaluate("wasm", ours, inputs, cotangents);
  wanted.results.forEach((values, i) => {
    const error = relativeError(found.results[i], values);
    assert.ok(error < TOLERANCE, `${name}: result ${i} differs by ${error}`);
  });
  for (const [input, values] of Object.entries(wanted.gradients)) {
    const error = relativeError(found.gradients[input], values);
    assert.ok(error < TOLERANCE, `${name}: gradient of ${input} differs by ${error}`);
  }
}

/** Registers the tests. */
export function testOps(relaxed: boolean): void {
  const build = relaxed ? "relaxed" : "plain";

  Deno.test(`the ${build} build is the one in use`, async () => {
    const engine = await startEngine({ relaxed });
    assert.equal(engine.relaxed, relaxed);
    assert.equal(await startEngine(), engine);
  });

  // T, B, D, H: odd sizes, one step, one row, one input, H no multiple of 4 or 8.
  const lstmSizes = [
    [1, 1, 1, 1],
    [1, 5, 3, 4],
    [4, 1, 2, 8],
    [3, 2, 1, 5],
    [5, 3, 7, 6],
    [2, 13, 9, 11],
    [3, 16, 8, 32],
    [2, 7, 1, 130],
    [2, 64, 3, 8],
  ];
  for (const [T, B, D, H] of lstmSizes) {
    Deno.test(`${build} lstm equals the cpu backend, T=${T} B=${B} D=${D} H=${H}`, async () => {
      await startEngine();
      const prng = createPrng(1, `lstm ${T} ${B} ${D} ${H}`);
      const inputs = {
        x: random(prng, [T, B, D]),
        kernel: random(prng, [D, 4 * H], 0.5),
        recurrentKernel: random(prng, [H, 4 * H], 0.3),
        bias: random(prng, [4 * H], 0.5),
        h0: random(prng, [B, H], 0.5),
        c0: random(prng, [B, H]),
      };
      const ours: Operation = (t) => {
        const { outputs, h, c } = lstm(t as unknown as LstmInputs);
        return [outputs, h, c];
      };
      const reference: Operation = (t) => referenceLstm(t as unknown as LstmInputs);
      await compare(`lstm ${T} ${B} ${D} ${H}`, ours, reference, inputs);
    });
  }

  Deno.test(`${build} lstm in two blocks of depth equals the cpu backend`, async () => {
    await startEngine();
    const prng = createPrng(2);
    const [T, B, D, H] = [2, 3, 600, 150];
    const inputs = {
      x: random(prng, [T, B, D]),
      kernel: random(prng, [D, 4 * H], 0.05),
      recurrentKernel: random(prng, [H, 4 * H], 0.1),
      bias: random(prng, [4 * H], 0.5),
      h0: random(prng, [B, H], 0.5),
      c0: random(prng, [B, H]),
    };
    const ours: Operation = (t) => [lstm(t as unknown as LstmInputs).outputs];
    const reference: Operation = (t) => [referenceLstm(t as unknown as LstmInputs)[0]];
    await compare("deep lstm", ours, reference, inputs);
  });

  const activations: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
    linear: (x) => x,
    relu: (x) => tf.relu(x),
    tanh: (x) => tf.tanh(x),
  };
  for (const [N, D, U] of [[1, 1, 1], [3, 5, 7], [17, 33, 9], [65, 4, 114], [8, 70, 1]]) {
    for (const [activation, apply] of Object.entries(activations)) {
      Deno.test(`${build} dense ${activation} equals the cpu backend, [${N},${D},${U}]`, async () => {
        await startEngine();
        const prng = createPrng(3, `${N} ${D} ${U}`);
        const inputs = {
          x: random(prng, [N, D]),
          kernel: random(prng, [D, U]),
          bias: random(prng, [U]),
        };
        const ours: Operation = ({ x, kernel, bias }) => [
          dense(
            x as tf.Tensor2D,
            kernel as tf.Tensor2D,
            bias as tf.Tensor1D,
            activation as Activation,
          ),
        ];
        const reference: Operation = ({ x, kernel, bias }) => [
          apply(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D).add(bias)),
        ];
        await compare(`dense ${N} ${D} ${U}`, ours, reference, inputs);
      });
    }
  }

  for (const [N, V, E] of [[1, 1, 1], [9, 4, 3], [50, 7, 16], [5, 100, 10]]) {
    Deno.test(`${build} embedding equals the cpu backend, [${N},${V},${E}]`, async () => {
      await startEngine();
      const prng = createPrng(4, `${N} ${V} ${E}`);
      const inputs = { table: random(prng, [V, E]), ids: randomIds(prng, N, V) };
      const ours: Operation = ({ table, ids }) => [
        embedding(table as tf.Tensor2D, ids as tf.Tensor1D),
      ];
      const reference: Operation = ({ table, ids }) => [tf.gather(table, ids as tf.Tensor1D)];
      await compare(`embedding ${N} ${V} ${E}`, ours, reference, inputs);
    });
  }

  for (const [N, V] of [[1, 1], [4, 1], [3, 2], [7, 5], [16, 114], [2, 257]]) {
    Deno.test(`${build} softmaxCrossEntropy equals the cpu backend, [${N},${V}]`, async () => {
      await startEngine();
      const prng = createPrng(5, `${N} ${V}`);
      const inputs = {
        logits: random(prng, [N, V], 3),
        labels: randomIds(prng, N, V),
        weights: random(prng, [N]),
      };
      const ours: Operation = ({ logits, labels, weights }) => {
        const { loss, perRow } = softmaxCrossEntropy(
          logits as tf.Tensor2D,
          labels as tf.Tensor1D,
          weights as tf.Tensor1D,
        );
        return [loss, perRow];
      };
      const reference: Operation = ({ logits, labels, weights }) =>
        referenceCrossEntropy(
          logits as tf.Tensor2D,
          labels as tf.Tensor1D,
          weights as tf.Tensor1D,
        );
      await compare(`cross entropy ${N} ${V}`, ours, reference, inputs);
    });
  }

  Deno.test(`${build} softmaxCrossEntropy stays finite for large logits`, async () => {
    await startEngine();
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const logits = tf.tensor2d([[1e30, 0, -1e30], [1000, 1001, 999], [-5e4, -5e4, -5e4]]);
      const { loss, perRow } = softmaxCrossEntropy(logits, tf.tensor1d([0, 0, 2], "int32"));
      // By hand: 0; ln(1 + e + 1/e) = 1.40760596; ln 3 = 1.09861229.
      const wanted = [0, 1.40760596, 1.09861229];
      perRow.dataSync().forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-6));
      assert.ok(Math.abs(loss.dataSync()[0] - 2.50621825) < 1e-6);
    });
  });

  Deno.test(`${build} dropout keeps what the hash of (seed, offset + i) says`, async () => {
    await startEngine();
    const x = random(createPrng(6), [3, 37]);
    const wanted = x.data.map((value, i) =>
      hash(99, (4294967290 + i) >>> 0) >= 0.3 * 2 ** 32 ? value / 0.7 : 0
    );
    const ours: Operation = ({ x }) => [dropout(x, 0.3, 99, 4294967290)];
    const cotangents = [random(createPrng(7), [3, 37])];
    const { results, gradients } = await evaluate("wasm", ours, { x }, cotangents);
    assert.ok(relativeError(results[0], wanted as Float32Array) < 1e-6);
    const slope = cotangents[0].data.map((value, i) => wanted[i] === 0 ? 0 : value / 0.7);
    assert.ok(relativeError(gradients.x, slope as Float32Array) < 1e-6);
  });

  Deno.test(`${build} dropout of parts equals dropout of the whole`, async () => {
    await startEngine();
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const x = tf.ones([10, 7]);
      const whole = dropout(x, 0.5, 3, 0).dataSync();
      const first = dropout(tf.ones([4, 7]), 0.5, 3, 0).dataSync();
      const second = dropout(tf.ones([6, 7]), 0.5, 3, 28).dataSync();
      assert.deepEqual([...first, ...second], [...whole]);
      assert.notDeepEqual([...dropout(x, 0.5, 4, 0).dataSync()], [...whole]);
    });
  });

  Deno.test(`${build} dropout drops the share it is told to, evenly`, async () => {
    await startEngine();
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const n = 100_000;
      for (const rate of [0, 0.1, 0.5, 0.9]) {
        const kept = Array.from(
          dropout(tf.ones([n]), rate, 11, 0).dataSync(),
          (v) => v > 0 ? 1 : 0,
        );
        const share = kept.reduce<number>((a, b) => a + b, 0) / n;
        const deviation = Math.sqrt(rate * (1 - rate) / n);
        assert.ok(Math.abs(share - (1 - rate)) <= 5 * deviation, `kept ${share} at ${rate}`);
        // Neighbours are independent: both kept with probability (1 - rate)².
        const both = kept.reduce<number>((sum, k, i) =>
          sum + (i > 0 && k && kept[i - 1] ? 1 : 0), 0) / n;
        assert.ok(Math.abs(both - (1 - rate) ** 2) <= 10 * deviation + 2 / n, `pairs ${both}`);
      }
    });
  });
}

/** The mask's hash, written from its description in dropout.ts of the kernels. */
function hash(seed: number, counter: number): number {
  const mix = (x: number) => {
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  };
  let x = Math.imul(counter ^ mix(seed ^ 0x9e3779b9), 0x9e3779b1);
  x ^= x >>> 16;
  x = Math.imul(x + mix(seed + 0x85ebca6b), 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
