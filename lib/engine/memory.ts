/**
 * Places in the memory of tfjs's wasm backend: where a tensor lies, and scratch space that is
 * allocated once and kept.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Address } from "./kernels.ts";

/** Bytes of a cache line. */
const CACHE_LINE = 64;

/** A stretch of memory that stays until it is freed. */
export interface Allocation {
  /** Its first byte. */
  readonly address: Address;
  /** Gives it back. */
  free(): void;
}

/** What tfjs's module has besides what its types tell. */
interface EmscriptenModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** The memory of the backend. */
export class BackendMemory {
  readonly #backend: BackendWasm;
  #scratch: Allocation | undefined;
  #scratchBytes = 0;

  /** The memory of `backend`. */
  constructor(backend: BackendWasm) {
    this.#backend = backend;
  }

  get #module(): EmscriptenModule {
    return this.#backend.wasm as unknown as EmscriptenModule;
  }

  /** The WebAssembly memory itself. */
  get memory(): WebAssembly.Memory {
    return this.#module.asm.memory;
  }

  /** Where the data of `tensor` begins. */
  address(tensor: tf.TensorInfo): Address {
    return this.#backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** A new tensor whose values are not set. */
  create(shape: number[]): tf.TensorInfo {
    return this.#backend.makeOutput(shape, "float32");
  }

  /** The values of `tensor` in place; the view dies when the memory grows. */
  view(tensor: tf.TensorInfo): Float32Array | Int32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Float32Array | Int32Array;
  }

  /** `length` floats at `address` in place; the view dies when the memory grows. */
  floats(address: Address, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /**
   * Addresses of scratch areas of these sizes in bytes, each at the start of a cache line. The next
   * call gives out the same memory: an area is for one kernel call, not to be kept.
   */
  scratch(...sizes: number[]): Address[] {
    let total = 0;
    const offsets = sizes.map((size) => {
      const offset = total;
      total += roundUp(size);
      return offset;
    });
    if (total > this.#scratchBytes) {
      this.#scratch?.free();
      this.#scratch = this.allocate(total);
      this.#scratchBytes = total;
    }
    const start = this.#scratch?.address ?? 0;
    return offsets.map((offset) => start + offset);
  }

  /**
   * `bytes` new bytes at the start of a cache line, all 0 whatever the memory held before.
   *
   * @throws {RangeError} if the memory cannot grow that far
   */
  allocate(bytes: number): Allocation {
    const raw = this.#module._malloc(bytes + CACHE_LINE) >>> 0;
    if (raw === 0) throw new RangeError(`Cannot allocate ${bytes} bytes: the memory is full`);
    const address = roundUp(raw);
    new Uint8Array(this.memory.buffer, address, bytes).fill(0);
    return { address, free: () => this.#module._free(raw) };
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}
