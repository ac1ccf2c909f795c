/**
 * The fully connected layer as one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ACTIVATION, packedBytes, SCRATCH_BYTES } from "../kernels.ts";
import { checkShape, checkType, type OpContext, registerKernel, runKernel } from "./register.ts";

/** What a dense layer applies to its sums. */
export type Activation = keyof typeof ACTIVATION;

const FORWARD = "EngineDense";
const BACKWARD = "EngineDenseBackward";
const INPUT_GRADIENT = "EngineDenseInputGradient";

/**
 * A fully connected layer, `activation(x · kernel + bias)`, with gradients for `x`, `kernel` and
 * `bias`.
 *
 * @param x `[N, D]`
 * @param kernel `[D, U]`
 * @param bias `[U]`
 * @returns `[N, U]`
 * @throws {RangeError} if the shapes do not fit together
 * @throws {TypeError} if an input is not float32
 */
export function dense(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  activation: Activation = "linear",
): tf.Tensor2D {
  checkShape("dense", "x", x, [-1, -1]);
  checkShape("dense", "kernel", kernel, [x.shape[1], -1]);
  checkShape("dense", "bias", bias, [kernel.shape[1]]);
  const tensors = { x, kernel, bias };
  for (const [name, tensor] of Object.entries(tensors)) checkType("dense", name, tensor, "float32");
  const [y] = runKernel(FORWARD, tensors, { activation: ACTIVATION[activation] });
  return y as tf.Tensor2D;
}

/** Registers the kernels and the gradient of {@linkcode dense}. */
export function registerDense({ kernels, memory }: OpContext): void {
  const at = (tensor: tf.TensorInfo) => memory.address(tensor);

  registerKernel(FORWARD, ({ x, kernel, bias }, { activation }) => {
    const [N, D] = x.shape;
    const U = kernel.shape[1];
    const y = memory.create([N, U]);
    const [packed, scratch] = memory.scratch(packedBytes(D, U), SCRATCH_BYTES);
    kernels.packRows(at(kernel), 4 * U, D, U, packed);
    kernels.fillRows(at(y), at(bias), N, U);
    kernels.gemm(at(x), 4 * D, packed, at(y), 4 * U, N, U, D, 1, scratch);
    kernels.activate(at(y), N * U, activation);
    return y;
  });

  registerKernel(BACKWARD, ({ dy, x, y }, { activation }) => {
    const [N, D] = x.shape;
    const U = y.shape[1];
    const dz = memory.create([N, U]);
    const dKernel = memory.create([D, U]);
    const dBias = memory.create([U]);
    const [packed, scratch] = memory.scratch(packedBytes(N, Math.max(D, U)), SCRATCH_BYTES);
    kernels.activateBackward(at(dy), at(y), at(dz), N * U, activation);
    kernels.columnSums(at(dz), N, U, at(dBias));
    const factors = [at(x), 4 * D, at(dz), 4 * U] as const;
    kernels.gemmTurned(...factors, at(dKernel), 4 * U, D, U, N, packed, scratch);
    return [dz, dKernel, dBias];
  });

  registerKernel(INPUT_GRADIENT, ({ dz, kernel }) => {
    const [N, U] = dz.shape;
    const D = kernel.shape[0];
    const dx = memory.create([N, D]);
    const [packed, scratch] = memory.scratch(packedBytes(U, D), SCRATCH_BYTES);
    kernels.packColumns(at(kernel), 4 * U, U, D, packed);
    kernels.gemm(at(dz), 4 * U, packed, at(dx), 4 * D, N, D, U, 0, scratch);
    return dx;
  });

  tf.registerGradient({
    kernelName: FORWARD,
    inputsToSave: ["x", "kernel"],
    outputsToSave: [true],
    gradFunc: (dy, [x, kernel, y], attributes) => {
      const { activation } = attributes as unknown as { activation: number };
      const inputs = { dy: dy as tf.Tensor, x, y };
      const [dz, dKernel, dBias] = runKernel(BACKWARD, inputs, { activation });
      return {
        x: () => runKernel(INPUT_GRADIENT, { dz, kernel })[0],
        kernel: () => dKernel,
        bias: () => dBias,
      };
    },
  });
}
