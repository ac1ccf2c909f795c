/**
 * TensorFlow.js's wasm backend, started without any permission, with the kernels of this room on
 * its memory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import emscriptenFactory from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import {
  adamRate,
  compiledKernels,
  hasRelaxedSimd,
  instantiateKernels,
  type Kernels,
} from "./kernels.ts";
import { type Allocation, BackendMemory } from "./memory.ts";
import { registerOps } from "./ops.ts";
import { CHUNK } from "./plan.ts";
import { tfjsModule } from "./wasm_modules.js";

/** The arrays of one step of Adam, all of the same length; the first three are updated in place. */
export interface AdamArrays {
  /** The parameters. */
  readonly parameters: Float32Array;
  /** Running mean of the gradient. */
  readonly firstMoment: Float32Array;
  /** Running mean of the squared gradient. */
  readonly secondMoment: Float32Array;
  /** The gradient. */
  readonly gradient: Float32Array;
}

/** The numbers of one step of Adam; the defaults are those of Keras 3. */
export interface AdamSettings {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Decay of the first moment, default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment, default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment, default 1e-7. */
  readonly epsilon?: number;
  /** The gradient is multiplied by this first (clipping by global norm), default 1. */
  readonly gradientScale?: number;
  /** Decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101), default 0: none. */
  readonly weightDecay?: number;
}

/** The running engine. */
export interface Engine {
  /** Whether the kernels use fused multiply-add (relaxed SIMD). */
  readonly relaxed: boolean;
  /** The kernels on {@linkcode Engine.memory}. */
  readonly kernels: Kernels;
  /** The compiled kernels, for instances on other memories and in workers. */
  readonly kernelModule: WebAssembly.Module;
  /** The memory of the backend. */
  readonly memory: WebAssembly.Memory;
  /** Reserves `bytes`, all 0, at the start of a cache line. @throws {RangeError} if memory is full */
  allocate(bytes: number): Allocation;
  /** One step of Adam over all elements. @throws {RangeError} if the lengths differ */
  adam(arrays: AdamArrays, settings: AdamSettings): void;
  /** Σ x² in float64, always summed in the same order. */
  sumOfSquares(values: Float32Array): number;
  /** Copies the values of a float32 tensor into `target`. @throws {RangeError} if the lengths differ */
  readParameters(tensor: tf.Tensor, target: Float32Array): void;
  /** Overwrites the values of a float32 tensor in place. @throws {RangeError} if the lengths differ */
  writeParameters(tensor: tf.Tensor, source: Float32Array): void;
}

/** Settings of {@linkcode startEngine}. */
export interface EngineOptions {
  /** Use relaxed SIMD; default: where the processor and runtime can. */
  readonly relaxed?: boolean;
}

/** tfjs has one backend of a name in a process, so there is one engine. */
let running: Promise<Engine> | undefined;

/**
 * Starts tfjs's wasm backend with our kernels, makes it the current backend and returns the engine.
 * Later calls return the same engine. Needs no permission.
 *
 * @throws {Error} if the backend cannot be started
 *
 * @example
 * ```ts
 * import { startEngine } from "./backend.ts";
 * import assert from "node:assert/strict";
 *
 * const engine = await startEngine();
 * assert.equal(engine.sumOfSquares(new Float32Array([3, 4])), 25);
 * ```
 */
export function startEngine(options: EngineOptions = {}): Promise<Engine> {
  running ??= start(options);
  return running;
}

async function start({ relaxed = hasRelaxedSimd() }: EngineOptions): Promise<Engine> {
  const [tfjs, kernelModule] = await Promise.all([
    tfjsModule(),
    compiledKernels(relaxed ? "relaxed" : "simd"),
  ]);
  tf.removeBackend("wasm"); // the one that would read its files
  tf.registerBackend("wasm", async () => new BackendWasm(await createBackendModule(tfjs)), 2);
  if (!await tf.setBackend("wasm")) throw new Error("Cannot start the wasm backend of tfjs");
  const memory = new BackendMemory(tf.backend() as BackendWasm);
  const kernels = instantiateKernels(kernelModule, memory.memory);
  registerOps(kernels, memory);
  return createEngine(kernels, kernelModule, memory, relaxed);
}

type BackendModule = ConstructorParameters<typeof BackendWasm>[0];
type CWrap = (name: string, returns: string | null, takes: string[]) => (...a: number[]) => number;
type Factory = (settings: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
}) => Promise<BackendModule & { readonly cwrap: CWrap }>;

/** Instantiates tfjs's module, and names its functions as `backend_wasm.ts` of tfjs 4.22 does. */
async function createBackendModule(compiled: WebAssembly.Module): Promise<BackendModule> {
  // The factory's declaration takes the CommonJS module for the function that it exports.
  const module = await (emscriptenFactory as unknown as Factory)({
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled));
      return {};
    },
  });
  const { cwrap } = module;
  module.tfjs = {
    init: cwrap("init", null, []),
    initWithThreadsCount: cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: cwrap("get_threads_count", "number", []),
    registerTensor: cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: cwrap("dispose_data", null, ["number"]),
    dispose: cwrap("dispose", null, []),
  };
  return module;
}

function createEngine(
  kernels: Kernels,
  kernelModule: WebAssembly.Module,
  memory: BackendMemory,
  relaxed: boolean,
): Engine {
  /** Calls `work` with each chunk of `length` elements. */
  function forChunks(length: number, work: (from: number, to: number) => void): void {
    for (let from = 0; from < length; from += CHUNK) work(from, Math.min(from + CHUNK, length));
  }

  function adam(arrays: AdamArrays, settings: AdamSettings): void {
    const { step, learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = settings;
    const { gradientScale = 1, weightDecay = 0 } = settings;
    const { parameters, firstMoment, secondMoment, gradient } = arrays;
    const updated = [parameters, firstMoment, secondMoment];
    for (const array of [...updated, gradient]) {
      checkLength("run a step of Adam", parameters.length, array.length);
    }
    const rate = adamRate(learningRate, beta1, beta2, step);
    const decay = learningRate * weightDecay;
    const areas = memory.scratch(CHUNK * 4, CHUNK * 4, CHUNK * 4, CHUNK * 4);
    const [p, m, v, g] = areas;
    forChunks(parameters.length, (from, to) => {
      [...updated, gradient].forEach((array, i) =>
        memory.floats(areas[i], to - from).set(array.subarray(from, to))
      );
      const count = to - from;
      kernels.adam(p, m, v, g, count, rate, beta1, beta2, epsilon, gradientScale, decay);
      updated.forEach((array, i) => array.set(memory.floats(areas[i], count), from));
    });
  }

  function sumOfSquares(values: Float32Array): number {
    const [area] = memory.scratch(CHUNK * 4);
    let total = 0;
    forChunks(values.length, (from, to) => {
      memory.floats(area, to - from).set(values.subarray(from, to));
      total += kernels.sumOfSquares(area, to - from);
    });
    return total;
  }

  return {
    relaxed,
    kernels,
    kernelModule,
    memory: memory.memory,
    allocate: (bytes) => memory.allocate(bytes),
    adam,
    sumOfSquares,
    readParameters(tensor, target) {
      checkLength("read parameters", tensor.size, target.length);
      target.set(memory.floats(memory.address(tensor), tensor.size));
    },
    writeParameters(tensor, source) {
      checkLength("write parameters", tensor.size, source.length);
      memory.floats(memory.address(tensor), tensor.size).set(source);
    },
  };
}

function checkLength(action: string, wanted: number, found: number): void {
  if (wanted !== found) {
    throw new RangeError(`Cannot ${action}: wanted ${wanted} values, found ${found}`);
  }
}
