/** The SIMD build of TensorFlow.js's own kernels. */
export function tfjsModule(): Promise<WebAssembly.Module>;
/** Our kernels, with or without relaxed SIMD. */
export function kernelsModule(relaxed: boolean): Promise<WebAssembly.Module>;
