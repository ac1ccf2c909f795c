/**
 * A plan: one network's forward and backward pass, written down once as a list of kernel calls on
 * fixed addresses. Nothing is allocated while it runs, so nothing can leak, and a thread that has
 * the kernels and a memory can run it without tfjs.
 *
 * @module
 */

/** How an argument of a kernel call is meant. */
export type ArgumentKind = "address" | "number" | "register";

/** One kernel call. Addresses are in bytes from the start of the arena. */
export interface KernelCall {
  /** Name of the kernel. */
  readonly kernel: string;
  /** The arguments; what each means stands in `kinds`. */
  readonly args: readonly number[];
  /** Addresses are moved by the arena's base, registers are replaced by their value. */
  readonly kinds: readonly ArgumentKind[];
}

/** A named stretch of the arena. */
export interface Region {
  /** Bytes from the start of the arena; a multiple of 64. */
  readonly offset: number;
  /** Length in 4-byte elements (float32 or int32). */
  readonly length: number;
}

/** A region with the shape of the tensor that it holds. */
export interface ShapedRegion extends Region {
  /** The shape, row-major. */
  readonly shape: readonly number[];
}

/** Everything needed to run a network on one micro-batch. Plain data: it can be posted to a worker. */
export interface Plan {
  /** Size of the arena in bytes. */
  readonly bytes: number;
  /** All parameters, one after the other (each starts on a multiple of 16 elements). */
  readonly parameters: Region;
  /** The gradient of the loss with respect to `parameters`, same layout. */
  readonly gradient: Region;
  /** The parameters by name; offsets lie inside `parameters`. */
  readonly parameterTensors: Readonly<Record<string, ShapedRegion>>;
  /** All inputs of a micro-batch, one after the other. */
  readonly inputs: Region;
  /** The inputs by name; offsets lie inside `inputs`. */
  readonly inputTensors: Readonly<Record<string, ShapedRegion>>;
  /** Losses and what else a caller reads after a run. */
  readonly outputs: Region;
  /** The outputs by name; offsets lie inside `outputs`. */
  readonly outputTensors: Readonly<Record<string, ShapedRegion>>;
  /** What is carried from one window to the next: the states of the LSTM layers. */
  readonly carried: Region;
  /** Room for the optimiser to work in. */
  readonly scratch: Region;
  /** Kernel calls by the name of the pass: `prepare` after each change of the parameters, `forward`, `backward`, … */
  readonly passes: Readonly<Record<string, readonly KernelCall[]>>;
}

/** Registers of a plan: numbers that change from step to step. */
export const REGISTERS = {
  /** Another one for every update and every micro-batch. */
  dropoutSeed: 0,
} as const;

/** Elements that the optimiser handles at a time; also the unit in which squares are summed. */
export const CHUNK = 8192;
