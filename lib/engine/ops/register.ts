/**
 * How an operation of this room becomes one of tfjs: a kernel of the wasm backend, called by name,
 * with its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Kernels } from "../kernels.ts";
import type { BackendMemory } from "../memory.ts";

/** What the kernels work with. */
export interface OpContext {
  /** The kernels on the backend's memory. */
  readonly kernels: Kernels;
  /** The backend's memory. */
  readonly memory: BackendMemory;
}

/** Inputs of a kernel by name. */
export type Inputs = Record<string, tf.TensorInfo>;
/** Numbers that a kernel gets besides its inputs. */
export type Attributes = Record<string, number>;

/** Registers `compute` as a kernel of the wasm backend. */
export function registerKernel(
  kernelName: string,
  compute: (inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => compute(inputs as Inputs, (attrs ?? {}) as Attributes),
  });
}

/**
 * Runs a kernel and returns its outputs.
 *
 * @throws {Error} if the engine was not started or another backend is current
 */
export function runKernel(name: string, inputs: Inputs, attributes: Attributes = {}): tf.Tensor[] {
  const backend = tf.getBackend();
  if (!tf.getKernel(name, backend)) {
    throw new Error(
      `Cannot run ${name} on backend "${backend}": call startEngine() first and stay on "wasm"`,
    );
  }
  const outputs: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(
    name,
    inputs as unknown as tf.NamedTensorMap,
    attributes as unknown as tf.NamedAttrMap,
  );
  return Array.isArray(outputs) ? outputs : [outputs];
}

/**
 * Checks the shape of one input; -1 stands for any size.
 *
 * @throws {RangeError} if it does not match
 */
export function checkShape(op: string, name: string, tensor: tf.Tensor, wanted: number[]): void {
  const { shape } = tensor;
  const matches = shape.length === wanted.length &&
    wanted.every((size, i) => size === -1 || size === shape[i]);
  if (matches) return;
  const text = wanted.map((size) => size === -1 ? "any" : size).join(", ");
  throw new RangeError(
    `Cannot run ${op}: wanted ${name} of shape [${text}], found [${shape.join(", ")}]`,
  );
}

/**
 * Checks that `tensor` holds float32 or int32.
 *
 * @throws {TypeError} if it does not
 */
export function checkType(
  op: string,
  name: string,
  tensor: tf.Tensor,
  wanted: "float32" | "int32",
): void {
  if (tensor.dtype !== wanted) {
    throw new TypeError(`Cannot run ${op}: wanted ${name} as ${wanted}, found ${tensor.dtype}`);
  }
}
