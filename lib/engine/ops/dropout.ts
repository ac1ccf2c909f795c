/**
 * Dropout as one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { dropoutConstants } from "../kernels.ts";
import { checkType, type OpContext, registerKernel, runKernel } from "./register.ts";

const FORWARD = "EngineDropout";

/**
 * Inverted dropout (Srivastava et al. 2014): each element is 0 with probability `rate`, else
 * divided by 1 - `rate`. What happens to element i depends on `seed` and `offset + i` (modulo 2³²)
 * only, so rows of a batch that is processed in parts get the same mask if each part says where it begins.
 * The gradient computes the mask again instead of keeping it.
 *
 * @param rate in [0, 1)
 * @param seed unsigned 32-bit integer; another one for every step and layer
 * @param offset index of the first element, an integer ≥ 0
 * @throws {RangeError} if `rate` is outside [0, 1)
 * @throws {TypeError} if `x` is not float32
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  seed: number,
  offset: number,
): T {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot run dropout: wanted a rate in [0, 1), found ${rate}`);
  }
  checkType("dropout", "x", x, "float32");
  return runKernel(FORWARD, { x }, { rate, seed: seed >>> 0, offset })[0] as T;
}

/** Registers the kernel and the gradient of {@linkcode dropout}. */
export function registerDropout({ kernels, memory }: OpContext): void {
  registerKernel(FORWARD, ({ x }, { rate, seed, offset }) => {
    const { threshold, scale } = dropoutConstants(rate);
    const y = memory.create(x.shape);
    const length = x.shape.reduce((a, b) => a * b, 1);
    const places = [memory.address(x), memory.address(y)] as const;
    kernels.dropout(...places, length, threshold, scale, seed, offset);
    return y;
  });

  tf.registerGradient({
    kernelName: FORWARD,
    gradFunc: (dy, _saved, attributes) => ({
      x: () =>
        runKernel(
          FORWARD,
          { x: dy as tf.Tensor },
          attributes as unknown as Record<string, number>,
        )[0],
    }),
  });
}
