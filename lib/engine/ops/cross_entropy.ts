/**
 * Softmax cross-entropy as one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkShape, checkType, type OpContext, registerKernel, runKernel } from "./register.ts";

const FORWARD = "EngineSoftmaxCrossEntropy";
const BACKWARD = "EngineSoftmaxCrossEntropyBackward";
const EMPTY = "EngineEmpty";

/** What {@linkcode softmaxCrossEntropy} gives. */
export interface CrossEntropy {
  /** Σ weights[n] · perRow[n]. */
  readonly loss: tf.Scalar;
  /** Negative log likelihood of each row's label, in nats, without its weight, `[N]`. */
  readonly perRow: tf.Tensor1D;
}

/**
 * Negative log likelihood of `labels` under the softmax of `logits`, with gradients for `logits`
 * (through both results) and `weights`. A label outside [0, V) gives NaN.
 *
 * @param logits `[N, V]`
 * @param labels int32 `[N]`, in [0, V)
 * @param weights `[N]`; default 1 for every row
 * @throws {RangeError} if the shapes do not fit together
 * @throws {TypeError} if an input has the wrong type
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  weights?: tf.Tensor1D,
): CrossEntropy {
  const op = "softmaxCrossEntropy";
  checkShape(op, "logits", logits, [-1, -1]);
  checkShape(op, "labels", labels, [logits.shape[0]]);
  checkType(op, "logits", logits, "float32");
  checkType(op, "labels", labels, "int32");
  const given = weights ?? tf.ones([logits.shape[0]]) as tf.Tensor1D;
  checkShape(op, "weights", given, [logits.shape[0]]);
  checkType(op, "weights", given, "float32");
  const probabilities = runKernel(EMPTY, {}, {
    shape: logits.shape,
  } as unknown as Record<string, number>)[0];
  const inputs = { logits, labels, weights: given, probabilities };
  const [loss, perRow] = runKernel(FORWARD, inputs);
  probabilities.dispose();
  if (!weights) given.dispose();
  return { loss: loss as tf.Scalar, perRow: perRow as tf.Tensor1D };
}

/** Registers the kernels and the gradient of {@linkcode softmaxCrossEntropy}. */
export function registerCrossEntropy({ kernels, memory }: OpContext): void {
  const at = (tensor: tf.TensorInfo) => memory.address(tensor);

  registerKernel(FORWARD, ({ logits, labels, weights, probabilities }) => {
    const [N, V] = logits.shape;
    const perRow = memory.create([N]);
    const loss = memory.create([]);
    const places = [logits, labels, weights, probabilities, perRow].map(at);
    const [x, l, w, p, rows] = places;
    memory.view(loss)[0] = kernels.softmaxCrossEntropy(x, l, w, p, rows, N, V);
    return [loss, perRow];
  });

  registerKernel(BACKWARD, ({ probabilities, labels, weights, dLoss, dPerRow }) => {
    const [N, V] = probabilities.shape;
    const dLogits = memory.create([N, V]);
    const [p, l, w, rows, to] = [probabilities, labels, weights, dPerRow, dLogits].map(at);
    const scale = memory.view(dLoss)[0];
    kernels.softmaxCrossEntropyBackward(p, l, w, rows, to, N, V, scale);
    return dLogits;
  });

  tf.registerGradient({
    kernelName: FORWARD,
    inputsToSave: ["labels", "weights", "probabilities"],
    outputsToSave: [false, true],
    gradFunc: (dy, [labels, weights, probabilities, perRow]) => {
      const [dLoss, dPerRow] = dy as tf.Tensor[];
      return {
        logits: () => runKernel(BACKWARD, { probabilities, labels, weights, dLoss, dPerRow })[0],
        weights: () => tf.mul(perRow, dLoss),
      };
    },
  });
}
