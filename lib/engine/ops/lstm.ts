/**
 * The LSTM layer as one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { packedBytes, SCRATCH_BYTES } from "../kernels.ts";
import { checkShape, checkType, type OpContext, registerKernel, runKernel } from "./register.ts";

/** What {@linkcode lstm} reads. D is the size of an input row, H the number of hidden units. */
export interface LstmInputs {
  /** Input of every step, `[T, B, D]`. */
  readonly x: tf.Tensor3D;
  /** Input weights, `[D, 4H]`, gates in the order input, forget, candidate, output. */
  readonly kernel: tf.Tensor2D;
  /** Recurrent weights, `[H, 4H]`, gates in the same order. */
  readonly recurrentKernel: tf.Tensor2D;
  /** Bias, `[4H]`. */
  readonly bias: tf.Tensor1D;
  /** Output before the first step, `[B, H]`. */
  readonly h0: tf.Tensor2D;
  /** Cell state before the first step, `[B, H]`. */
  readonly c0: tf.Tensor2D;
}

/** What {@linkcode lstm} gives. */
export interface LstmOutputs {
  /** Output of every step, `[T, B, H]`. */
  readonly outputs: tf.Tensor3D;
  /** Output of the last step, `[B, H]`. */
  readonly h: tf.Tensor2D;
  /** Cell state after the last step, `[B, H]`. */
  readonly c: tf.Tensor2D;
}

const FORWARD = "EngineLstm";
const BACKWARD = "EngineLstmBackward";
const INPUT_GRADIENT = "EngineLstmInputGradient";

/**
 * An LSTM layer over a whole sequence, as Keras computes it (Hochreiter & Schmidhuber 1997 with
 * forget gates; sigmoid gates, tanh for candidate and output, one bias), with gradients for all six
 * inputs. The gradient of `x` is computed only if something asks for it.
 *
 * @throws {RangeError} if the shapes do not fit together
 * @throws {TypeError} if an input is not float32
 *
 * @example
 * ```ts
 * import { startEngine } from "../backend.ts";
 * import { lstm } from "../ops.ts";
 * import { tf } from "../tf.ts";
 * import assert from "node:assert/strict";
 *
 * await startEngine();
 * const [T, B, D, H] = [3, 2, 4, 5];
 * const { outputs } = lstm({
 *   x: tf.ones([T, B, D]),
 *   kernel: tf.zeros([D, 4 * H]),
 *   recurrentKernel: tf.zeros([H, 4 * H]),
 *   bias: tf.zeros([4 * H]),
 *   h0: tf.zeros([B, H]),
 *   c0: tf.zeros([B, H]),
 * });
 * assert.deepEqual(outputs.shape, [T, B, H]);
 * ```
 */
export function lstm(inputs: LstmInputs): LstmOutputs {
  const { x, kernel, recurrentKernel, bias, h0, c0 } = inputs;
  checkShape("lstm", "x", x, [-1, -1, -1]);
  checkShape("lstm", "recurrentKernel", recurrentKernel, [-1, -1]);
  const [T, B, D] = x.shape;
  const H = recurrentKernel.shape[0];
  checkShape("lstm", "kernel", kernel, [D, 4 * H]);
  checkShape("lstm", "recurrentKernel", recurrentKernel, [H, 4 * H]);
  checkShape("lstm", "bias", bias, [4 * H]);
  checkShape("lstm", "h0", h0, [B, H]);
  checkShape("lstm", "c0", c0, [B, H]);
  const tensors = { x, kernel, recurrentKernel, bias, h0, c0 };
  for (const [name, tensor] of Object.entries(tensors)) checkType("lstm", name, tensor, "float32");
  // What only the gradient needs goes in as inputs that the kernel fills: as outputs, tfjs would
  // make zero gradients of the same size for them.
  const gates = empty([T, B, 4 * H]);
  const cells = empty([T, B, H]);
  const [outputs, h, c] = runKernel(FORWARD, { ...tensors, gates, cells });
  gates.dispose();
  cells.dispose();
  return { outputs: outputs as tf.Tensor3D, h: h as tf.Tensor2D, c: c as tf.Tensor2D };
}

/** A tensor whose values are not set. */
function empty(shape: number[]): tf.Tensor {
  return runKernel("EngineEmpty", {}, { shape } as unknown as Record<string, number>)[0];
}

/** Registers the kernels and the gradient of {@linkcode lstm}. */
export function registerLstm({ kernels, memory }: OpContext): void {
  const at = (tensor: tf.TensorInfo) => memory.address(tensor);
  const bytes = ({ shape }: tf.TensorInfo) => 4 * shape.reduce((a, b) => a * b, 1);

  registerKernel("EngineEmpty", (_, { shape }) => memory.create(shape as unknown as number[]));

  registerKernel(FORWARD, (inputs) => {
    const { x, kernel, recurrentKernel, bias, h0, c0, gates, cells } = inputs;
    const [T, B, D] = x.shape;
    const H = recurrentKernel.shape[0];
    const outputs = memory.create([T, B, H]);
    const h = memory.create([B, H]);
    const c = memory.create([B, H]);
    const [w, u, scratch] = memory.scratch(
      packedBytes(D, 4 * H),
      packedBytes(H, 4 * H),
      SCRATCH_BYTES,
    );
    kernels.packRows(at(kernel), 16 * H, D, 4 * H, w);
    kernels.packRows(at(recurrentKernel), 16 * H, H, 4 * H, u);
    const state = [at(h0), at(c0)] as const;
    const results = [at(gates), at(cells), at(outputs)] as const;
    kernels.lstmForward(at(x), w, at(bias), u, ...state, ...results, T, B, D, H, scratch);
    kernels.copy(at(h), at(outputs) + bytes(outputs) - bytes(h), B * H);
    kernels.copy(at(c), at(cells) + bytes(cells) - bytes(c), B * H);
    return [outputs, h, c];
  });

  registerKernel(BACKWARD, (inputs) => {
    const { x, kernel, recurrentKernel, h0, c0, gates, cells, outputs } = inputs;
    const { dOutputs, dh, dc } = inputs;
    const [T, B, D] = x.shape;
    const H = recurrentKernel.shape[0];
    const dz = memory.create([T, B, 4 * H]);
    const dh0 = memory.create([B, H]);
    const dc0 = memory.create([B, H]);
    const dKernel = memory.create(kernel.shape);
    const dRecurrent = memory.create(recurrentKernel.shape);
    const dBias = memory.create([4 * H]);
    kernels.copy(at(dh0), at(dh), B * H);
    kernels.copy(at(dc0), at(dc), B * H);
    const [packed, scratch] = memory.scratch(
      Math.max(packedBytes(4 * H, H), packedBytes(T * B, Math.max(D, 4 * H))),
      SCRATCH_BYTES,
    );
    kernels.packColumns(at(recurrentKernel), 16 * H, 4 * H, H, packed);
    const forward = [at(dOutputs), at(gates), at(cells), at(c0)] as const;
    kernels.lstmBackward(...forward, packed, at(dh0), at(dc0), at(dz), T, B, H, scratch);
    const weights = [at(dKernel), at(dRecurrent), at(dBias)] as const;
    const rows = [at(dz), at(x), at(h0), at(outputs)] as const;
    kernels.lstmWeightGradients(...rows, ...weights, T, B, D, H, packed, scratch);
    return [dz, dh0, dc0, dKernel, dRecurrent, dBias];
  });

  registerKernel(INPUT_GRADIENT, ({ dz, kernel }) => {
    const [T, B, width] = dz.shape;
    const D = kernel.shape[0];
    const dx = memory.create([T, B, D]);
    const [packed, scratch] = memory.scratch(packedBytes(width, D), SCRATCH_BYTES);
    kernels.packColumns(at(kernel), 4 * width, width, D, packed);
    const sizes = [T * B, D, width] as const;
    kernels.gemm(at(dz), 4 * width, packed, at(dx), 4 * D, ...sizes, 0, scratch);
    return dx;
  });

  tf.registerGradient({
    kernelName: FORWARD,
    inputsToSave: ["x", "kernel", "recurrentKernel", "h0", "c0", "gates", "cells"],
    outputsToSave: [true, false, false],
    gradFunc: (dy, saved) => {
      const [dOutputs, dh, dc] = dy as tf.Tensor[];
      const [x, kernel, recurrentKernel, h0, c0, gates, cells, outputs] = saved;
      const [dz, dh0, dc0, dKernel, dRecurrent, dBias] = runKernel(BACKWARD, {
        ...{ x, kernel, recurrentKernel, h0, c0, gates, cells, outputs },
        ...{ dOutputs, dh, dc },
      });
      return {
        x: () => runKernel(INPUT_GRADIENT, { dz, kernel })[0],
        kernel: () => dKernel,
        recurrentKernel: () => dRecurrent,
        bias: () => dBias,
        h0: () => dh0,
        c0: () => dc0,
      };
    },
  });
}
