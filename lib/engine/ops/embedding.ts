/**
 * The embedding as one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkShape, checkType, type OpContext, registerKernel, runKernel } from "./register.ts";

const FORWARD = "EngineEmbedding";
const BACKWARD = "EngineEmbeddingBackward";

/**
 * Row `ids[n]` of `table` for every n, with a gradient for `table` that adds rows in the order of
 * n. An id outside the table gives a row of NaN and no gradient.
 *
 * @param table `[V, E]`
 * @param ids int32 `[N]`, in [0, V)
 * @returns `[N, E]`
 * @throws {RangeError} if the shapes are not these
 * @throws {TypeError} if `table` is not float32 or `ids` not int32
 */
export function embedding(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  checkShape("embedding", "table", table, [-1, -1]);
  checkShape("embedding", "ids", ids, [-1]);
  checkType("embedding", "table", table, "float32");
  checkType("embedding", "ids", ids, "int32");
  return runKernel(FORWARD, { table, ids })[0] as tf.Tensor2D;
}

/** Registers the kernels and the gradient of {@linkcode embedding}. */
export function registerEmbedding({ kernels, memory }: OpContext): void {
  const at = (tensor: tf.TensorInfo) => memory.address(tensor);

  registerKernel(FORWARD, ({ table, ids }) => {
    const [V, E] = table.shape;
    const N = ids.shape[0];
    const y = memory.create([N, E]);
    kernels.gatherRows(at(table), at(ids), at(y), N, V, E);
    return y;
  });

  registerKernel(BACKWARD, ({ dy, ids }, { V }) => {
    const [N, E] = dy.shape;
    const dTable = memory.create([V, E]);
    kernels.scatterRows(at(dy), at(ids), at(dTable), N, V, E);
    return dTable;
  });

  tf.registerGradient({
    kernelName: FORWARD,
    inputsToSave: ["table", "ids"],
    gradFunc: (dy, [table, ids]) => ({
      table: () => runKernel(BACKWARD, { dy: dy as tf.Tensor, ids }, { V: table.shape[0] })[0],
      ids: () => {
        throw new TypeError("Cannot differentiate embedding: its ids are whole numbers");
      },
    }),
  });
}
