/**
 * The operations of the network, with gradients, on the kernels of this room. They are ordinary
 * tfjs operations: use them inside `tf.tidy`, `tf.variableGrads` and so on, on the backend that
 * `startEngine` starts.
 *
 * @module
 */
import type { Kernels } from "./kernels.ts";
import type { BackendMemory } from "./memory.ts";
import { registerCrossEntropy } from "./ops/cross_entropy.ts";
import { registerDense } from "./ops/dense.ts";
import { registerDropout } from "./ops/dropout.ts";
import { registerEmbedding } from "./ops/embedding.ts";
import { registerLstm } from "./ops/lstm.ts";

export { type CrossEntropy, softmaxCrossEntropy } from "./ops/cross_entropy.ts";
export { type Activation, dense } from "./ops/dense.ts";
export { dropout } from "./ops/dropout.ts";
export { embedding } from "./ops/embedding.ts";
export { lstm, type LstmInputs, type LstmOutputs } from "./ops/lstm.ts";

/** Registers all operations on the wasm backend; `startEngine` does this once. */
export function registerOps(kernels: Kernels, memory: BackendMemory): void {
  for (
    const register of [
      registerLstm,
      registerDense,
      registerEmbedding,
      registerDropout,
      registerCrossEntropy,
    ]
  ) register({ kernels, memory });
}
