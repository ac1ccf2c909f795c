/**
 * What the other rooms may use of TensorFlow.js. Only `lib/engine/` imports the packages themselves.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

export { tf };
export type {
  NamedTensorMap,
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  TensorLike,
  Variable,
} from "@tensorflow/tfjs";
