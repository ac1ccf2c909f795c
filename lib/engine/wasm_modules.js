// @ts-self-types="./wasm_modules.d.ts"
/**
 * The compiled WebAssembly modules, as part of the module graph: nothing is read at run time, so no
 * permission is needed. JavaScript, because TypeScript 6.0 cannot parse source-phase imports.
 * A bundler that cannot either takes `wasm_modules_bundled.js` in the place of this file.
 *
 * @module
 */

/** The SIMD build of TensorFlow.js's own kernels. */
export function tfjsModule() {
  return import.source("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm");
}

/** Our kernels, with or without relaxed SIMD. */
export function kernelsModule(relaxed) {
  return relaxed
    ? import.source("./kernels/kernels_relaxed.wasm")
    : import.source("./kernels/kernels_simd.wasm");
}
