// The exports of the kernels. All addresses are in bytes, all matrices row-major float32.
// (deno.json excludes this folder from `deno fmt`, which drops the decorators, and from type checks.)
export { gemmScratchBytes, packColumns, packedBytes, packRows } from "./blocks";
export { gemm, gemmTurned } from "./gemm";
export { lstmBackward, lstmForward, lstmWeightGradients } from "./lstm";
export {
  activate,
  activateBackward,
  addInto,
  copy,
  columnSums,
  fill,
  fillRows,
  gatherRows,
  scale,
  scaleRows,
  scatterRows,
} from "./rows";
export { softmax, softmaxCrossEntropy, softmaxCrossEntropyBackward } from "./softmax";
export { dropout } from "./dropout";
export { adam, sumOfSquares } from "./optimizer";
export { mixLosses } from "./mixture";
export { addRelative, addRelativeBackward } from "./relative";
