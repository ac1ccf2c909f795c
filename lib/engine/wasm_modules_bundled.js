/**
 * The same as `wasm_modules.js` for `deno bundle`, which cannot read source-phase imports but puts
 * bytes into the bundle. An import map sets this file in the place of the other one.
 *
 * @module
 */
import kernelsProbe from "./kernels/kernels_probe.wasm" with { type: "bytes" };
import kernelsRelaxed from "./kernels/kernels_relaxed.wasm" with { type: "bytes" };
import kernelsSimd from "./kernels/kernels_simd.wasm" with { type: "bytes" };
import kernelsWide from "./kernels/kernels_wide.wasm" with { type: "bytes" };
import tfjs from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm" with {
  type: "bytes",
};

/** The SIMD build of TensorFlow.js's own kernels. */
export function tfjsModule() {
  return WebAssembly.compile(tfjs);
}

const kernels = {
  relaxed: kernelsRelaxed,
  simd: kernelsSimd,
  wide: kernelsWide,
  probe: kernelsProbe,
};

/** One of the modules of `kernels/`. */
export function kernelsModule(build) {
  return WebAssembly.compile(kernels[build]);
}
