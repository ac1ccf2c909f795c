/**
 * The operations of the engine written with tfjs's own operations, for its `cpu` backend: the
 * yardstick of the tests.
 */
import { tf } from "../../lib/engine/tf.ts";
import type { LstmInputs } from "../../lib/engine/ops.ts";
import type { Prng } from "../../lib/random.ts";

/** Values of one tensor, apart from any backend. */
export interface Values {
  readonly shape: number[];
  readonly data: Float32Array | Int32Array;
}

/** Normally distributed values. */
export function random(prng: Prng, shape: number[], scale = 1): Values {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length }, () => scale * prng.normal()) };
}

/** Integers in [0, limit). */
export function randomIds(prng: Prng, length: number, limit: number): Values {
  return { shape: [length], data: Int32Array.from({ length }, () => prng.below(limit)) };
}

/** The values as a tensor of the current backend. */
export function tensor<T extends tf.Tensor>({ shape, data }: Values): T {
  return tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32") as T;
}

/** A function of named tensors that gives a list of tensors. */
export type Operation = (inputs: Record<string, tf.Tensor>) => tf.Tensor[];

/** What an operation gives, and the gradients of a random linear function of its results. */
export interface Evaluation {
  readonly results: Float32Array[];
  readonly gradients: Record<string, Float32Array>;
}

/**
 * Runs `operation` on `backend` and differentiates Σ_i ⟨cotangents[i], results[i]⟩ with respect to
 * every float input.
 */
export async function evaluate(
  backend: string,
  operation: Operation,
  inputs: Record<string, Values>,
  cotangents: Values[],
): Promise<Evaluation> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const evaluation = tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, tensor(values)]),
    );
    const names = Object.keys(inputs).filter((name) => inputs[name].data instanceof Float32Array);
    const results = operation(tensors).map((t) => t.dataSync() as Float32Array);
    const loss = (...floats: tf.Tensor[]) => {
      const replaced = { ...tensors, ...Object.fromEntries(names.map((n, i) => [n, floats[i]])) };
      const terms = operation(replaced).map((t, i) =>
        tf.sum(tf.mul(t, tensor(cotangents[i]).reshape(t.shape)))
      );
      return terms.reduce((a, b) => tf.add(a, b)) as tf.Scalar;
    };
    const gradients = tf.grads(loss)(names.map((name) => tensors[name]));
    return {
      results: results.map((r) => r.slice()),
      gradients: Object.fromEntries(
        names.map((name, i) => [name, gradients[i].dataSync().slice() as Float32Array]),
      ),
    };
  });
  const after = tf.memory().numTensors;
  if (after !== before) throw new Error(`${after - before} tensors were left behind on ${backend}`);
  return evaluation;
}

/** Random cotangents for the results of `operation`. */
export async function randomCotangents(
  prng: Prng,
  operation: Operation,
  inputs: Record<string, Values>,
): Promise<Values[]> {
  await tf.setBackend("cpu");
  const shapes = [] as number[][];
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, tensor(values)]),
    );
    shapes.push(...operation(tensors).map((t) => t.shape));
  });
  return shapes.map((shape) => random(prng, shape));
}

/** The LSTM of Keras step by step. */
export function referenceLstm(inputs: LstmInputs): tf.Tensor[] {
  const { x, kernel, recurrentKernel, bias } = inputs;
  let [h, c] = [inputs.h0, inputs.c0];
  const outputs: tf.Tensor2D[] = [];
  const [T, B, D] = x.shape;
  for (let t = 0; t < T; t++) {
    const step = tf.slice(x, [t, 0, 0], [1, B, D]).reshape([B, D]) as tf.Tensor2D;
    const z = tf.matMul(step, kernel).add(tf.matMul(h, recurrentKernel)).add(bias);
    const [i, f, g, o] = tf.split(z, 4, 1) as tf.Tensor2D[];
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    outputs.push(h);
  }
  return [tf.concat(outputs).reshape([T, ...h.shape]), h, c];
}

/** Softmax cross-entropy from its definition. */
export function referenceCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  weights: tf.Tensor1D,
): tf.Tensor[] {
  const classes = tf.range(0, logits.shape[1], 1, "int32");
  const hits = tf.cast(tf.equal(tf.expandDims(labels, 1), classes), "float32");
  const perRow = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), hits), 1));
  return [tf.sum(tf.mul(perRow, weights)), perRow];
}

/** Largest difference between two arrays, relative to the largest value of the second. */
export function relativeError(found: Float32Array, wanted: Float32Array): number {
  if (found.length !== wanted.length) return Infinity;
  let [difference, size] = [0, 1e-6];
  wanted.forEach((value, i) => {
    const d = Math.abs(found[i] - value);
    difference = d <= difference ? difference : d; // NaN wins
    size = Math.max(size, Math.abs(value));
  });
  return difference / size;
}
