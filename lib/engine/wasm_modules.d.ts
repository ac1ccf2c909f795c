/** The SIMD build of TensorFlow.js's own kernels. */
export function tfjsModule(): Promise<WebAssembly.Module>;
/** One of the builds of our kernels. */
export function kernelsModule(build: "relaxed" | "simd" | "wide"): Promise<WebAssembly.Module>;
