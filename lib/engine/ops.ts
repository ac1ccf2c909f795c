/**
 * The operations of the network, with gradients, on the kernels of this room. They are ordinary
 * tfjs operations: use them inside `tf.tidy`, `tf.variableGrads` and so on, on the backend that
 * {@linkcode startEngine} starts.
 *
 * @module
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs";

/** What {@linkcode lstm} reads. D is the size of an input row, H the number of hidden units. */
export interface LstmInputs {
  /** Input of every step, `[T, B, D]`. */
  readonly x: Tensor3D;
  /** Input weights, `[D, 4H]`, gates in the order input, forget, candidate, output. */
  readonly kernel: Tensor2D;
  /** Recurrent weights, `[H, 4H]`, gates in the same order. */
  readonly recurrentKernel: Tensor2D;
  /** Bias, `[4H]`. */
  readonly bias: Tensor1D;
  /** Output before the first step, `[B, H]`. */
  readonly h0: Tensor2D;
  /** Cell state before the first step, `[B, H]`. */
  readonly c0: Tensor2D;
}

/** What {@linkcode lstm} gives. */
export interface LstmOutputs {
  /** Output of every step, `[T, B, H]`. */
  readonly outputs: Tensor3D;
  /** Output of the last step, `[B, H]`. */
  readonly h: Tensor2D;
  /** Cell state after the last step, `[B, H]`. */
  readonly c: Tensor2D;
}

/** What a dense layer applies to its sums. */
export type Activation = "linear" | "relu" | "tanh";

/** An LSTM layer over a whole sequence, gates as in Keras (sigmoid and tanh). */
export function lstm(_inputs: LstmInputs): LstmOutputs {
  throw new Error("Cannot run lstm: not written yet");
}

/** `activation(x · kernel + bias)`: `[N, D]` and `[D, U]` give `[N, U]`. */
export function dense(
  _x: Tensor2D,
  _kernel: Tensor2D,
  _bias: Tensor1D,
  _activation: Activation = "linear",
): Tensor2D {
  throw new Error("Cannot run dense: not written yet");
}

/** Row `ids[n]` of `table` `[V, E]` for each of the N int32 ids: `[N, E]`. */
export function embedding(_table: Tensor2D, _ids: Tensor1D): Tensor2D {
  throw new Error("Cannot run embedding: not written yet");
}

/** Inverted dropout; the mask of element i depends on `seed` and `offset + i` only. */
export function dropout<T extends Tensor>(
  _x: T,
  _rate: number,
  _seed: number,
  _offset: number,
): T {
  throw new Error("Cannot run dropout: not written yet");
}

/** Sum of the weighted negative log likelihoods of `labels` under `logits`, and each row's own. */
export function softmaxCrossEntropy(
  _logits: Tensor2D,
  _labels: Tensor1D,
  _weights?: Tensor1D,
): { loss: Scalar; perRow: Tensor1D } {
  throw new Error("Cannot run softmaxCrossEntropy: not written yet");
}
