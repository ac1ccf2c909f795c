/** 200 steps of training on the engine's operations beside the same on tfjs's own. */
import assert from "node:assert/strict";
import { startEngine } from "../../lib/engine/backend.ts";
import { dense, embedding, lstm, softmaxCrossEntropy } from "../../lib/engine/ops.ts";
import { tf } from "../../lib/engine/tf.ts";
import { createPrng } from "../../lib/random.ts";
import { random, randomIds, referenceCrossEntropy, referenceLstm, tensor } from "./reference.ts";

const [T, B, V, E, H] = [6, 4, 9, 5, 8];
const SHAPES: Readonly<Record<string, number[]>> = {
  table: [V, E],
  kernel: [E, 4 * H],
  recurrentKernel: [H, 4 * H],
  bias: [4 * H],
  denseKernel: [H, V],
  denseBias: [V],
};
const NAMES = Object.keys(SHAPES);
const STEPS = 200;

type Weights =
  & Record<"table" | "kernel" | "recurrentKernel" | "denseKernel", tf.Tensor2D>
  & Record<"bias" | "denseBias", tf.Tensor1D>;
type Loss = (weights: Weights, ids: tf.Tensor1D, labels: tf.Tensor1D) => tf.Scalar;

const ours: Loss = (weights, ids, labels) => {
  const x = embedding(weights.table, ids).reshape([T, B, E]) as tf.Tensor3D;
  const state = { h0: tf.zeros([B, H]) as tf.Tensor2D, c0: tf.zeros([B, H]) as tf.Tensor2D };
  const rows = lstm({ ...weights, ...state, x }).outputs.reshape([T * B, H]) as tf.Tensor2D;
  const logits = dense(rows, weights.denseKernel, weights.denseBias);
  return tf.div(softmaxCrossEntropy(logits, labels).loss, T * B);
};

const tfjs: Loss = (weights, ids, labels) => {
  const x = tf.gather(weights.table, ids).reshape([T, B, E]) as tf.Tensor3D;
  const state = { h0: tf.zeros([B, H]) as tf.Tensor2D, c0: tf.zeros([B, H]) as tf.Tensor2D };
  const [outputs] = referenceLstm({ ...weights, ...state, x });
  const rows = outputs.reshape([T * B, H]) as tf.Tensor2D;
  const logits = tf.add(tf.matMul(rows, weights.denseKernel), weights.denseBias) as tf.Tensor2D;
  const ones = tf.ones([T * B]) as tf.Tensor1D;
  return tf.div(referenceCrossEntropy(logits, labels, ones)[0], T * B);
};

type Update = (
  arrays: Record<"parameters" | "firstMoment" | "secondMoment" | "gradient", Float32Array>,
  step: number,
) => void;

const LEARNING_RATE = 0.01;

/** Adam as Keras 3 writes it down. */
const formula: Update = ({ parameters, firstMoment, secondMoment, gradient }, step) => {
  const alpha = LEARNING_RATE * Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
  gradient.forEach((g, i) => {
    firstMoment[i] += (g - firstMoment[i]) * 0.1;
    secondMoment[i] += (g * g - secondMoment[i]) * 0.001;
    parameters[i] -= alpha * firstMoment[i] / (Math.sqrt(secondMoment[i]) + 1e-7);
  });
};

/** Losses of a training run on the current backend. */
function train(loss: Loss, update: Update): number[] {
  const prng = createPrng(12);
  const parameters = NAMES.map((name) => random(prng, SHAPES[name], 0.3).data as Float32Array);
  const moments = parameters.map((
    { length },
  ) => [new Float32Array(length), new Float32Array(length)]);
  const batches = [0, 1, 2].map(() => [randomIds(prng, T * B, V), randomIds(prng, T * B, V)]);
  return Array.from({ length: STEPS }, (_, step) =>
    tf.tidy(() => {
      const [ids, labels] = batches[step % 3].map((values) => tensor<tf.Tensor1D>(values));
      const weights = NAMES.map((name, i) => tf.tensor(parameters[i], SHAPES[name]));
      const named = (...tensors: tf.Tensor[]) =>
        Object.fromEntries(NAMES.map((name, i) => [name, tensors[i]])) as unknown as Weights;
      const { value, grads } = tf.valueAndGrads((...t: tf.Tensor[]) =>
        loss(named(...t), ids, labels)
      )(weights);
      grads.forEach((gradient, i) => {
        const [firstMoment, secondMoment] = moments[i];
        update({
          parameters: parameters[i],
          firstMoment,
          secondMoment,
          gradient: gradient.dataSync() as Float32Array,
        }, step + 1);
      });
      return value.dataSync()[0];
    }));
}

Deno.test("200 training steps lose the same as with tfjs's own operations", async () => {
  const engine = await startEngine();
  await tf.setBackend("wasm");
  const found = train(ours, (arrays, step) => {
    engine.adam(arrays, { step, learningRate: LEARNING_RATE });
  });
  await tf.setBackend("cpu");
  const wanted = train(tfjs, formula);
  // At first every symbol is about as likely: ln 9. 200 steps learn most of three batches.
  assert.ok(Math.abs(wanted[0] - Math.log(V)) < 0.3 && wanted[STEPS - 1] < 1);
  wanted.forEach((loss, step) => {
    assert.ok(Math.abs(found[step] - loss) < 1e-4, `step ${step}: ${found[step]}, wanted ${loss}`);
  });
});
