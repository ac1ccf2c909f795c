// How a sum over k is cut, see gemm.ts.

/** Terms in one chain of multiply-adds. */
export const CHUNK: i32 = 64;
/** Terms in a block, a multiple of CHUNK. */
export const DEPTH: i32 = 2048;
