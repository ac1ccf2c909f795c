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

const kernels = {
  relaxed: () => import.source("./kernels/kernels_relaxed.wasm"),
  simd: () => import.source("./kernels/kernels_simd.wasm"),
  wide: () => import.source("./kernels/kernels_wide.wasm"),
  probe: () => import.source("./kernels/kernels_probe.wasm"),
};

/** One of the modules of `kernels/`. */
export function kernelsModule(build) {
  return kernels[build]();
}
