/** The SIMD build of TensorFlow.js's own kernels. */
export function tfjsModule(): Promise<WebAssembly.Module>;
/** One of the modules of `kernels/`. */
export function kernelsModule(
  name: "relaxed" | "simd" | "wide" | "probe",
): Promise<WebAssembly.Module>;
