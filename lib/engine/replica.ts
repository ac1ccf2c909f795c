/**
 * One thread's share of data-parallel training. The batch is cut into a fixed number of
 * micro-batches whatever the number of threads; their gradients are summed in their order, so the
 * result is the same to the last bit for any number of threads.
 *
 * {@linkcode createReplica} runs on the main thread and, from its source text, inside workers: it
 * must not refer to anything outside itself. Workers are started from a blob because loading them
 * from a file would need read permission for the program's own source.
 *
 * @module
 */
import type { Plan, Region } from "./plan.ts";

/** The memory that all threads share; offsets are in bytes. */
export interface SharedLayout {
  /** The memory itself. */
  readonly buffer: SharedArrayBuffer;
  /** Words for coordination, see {@linkcode CONTROL}. */
  readonly control: number;
  /** Numbers of the current step as float64, see {@linkcode HYPER}. */
  readonly hyper: number;
  /** float32, as long as the plan's parameters: the parameters and Adam's two moments. */
  readonly parameters: number;
  /** Adam's mean of the gradient. */
  readonly firstMoment: number;
  /** Adam's mean of the squared gradient. */
  readonly secondMoment: number;
  /** One gradient a micro-batch, one after the other. */
  readonly gradients: number;
  /** Sum of squares of each chunk of the summed gradient, float64. */
  readonly chunkSquares: number;
  /** The inputs of each micro-batch, one after the other. */
  readonly inputs: number;
  /** The outputs of each micro-batch, one after the other. */
  readonly outputs: number;
  /** The carried state of each micro-batch, one after the other. */
  readonly carried: number;
  /** Size of everything. */
  readonly bytes: number;
}

/** Words of the control block (int32). */
export const CONTROL = {
  command: 0,
  arrivals: 1,
  error: 2,
  mode: 3,
  dropoutSeed: 4,
  /** Counts how often the parameters were replaced from outside. */
  version: 5,
  /** Micro-batches to run, from the first. */
  active: 6,
} as const;

/** What a command asks for. */
export const MODE = { train: 1, evaluate: 2, quit: 3 } as const;

/** Numbers of a step (float64). */
export const HYPER = {
  learningRate: 0,
  step: 1,
  clipNorm: 2,
  weightDecay: 3,
  gradientNorm: 4,
} as const;

/** The kernels by name, as a plan calls them. */
export type KernelTable = Readonly<Record<string, (...args: number[]) => number>>;

/**
 * Turns the passes of a plan into functions on an arena at `base`. `registers` may change between
 * runs. Self-contained, see the module's description.
 *
 * @throws {RangeError} if the plan names a kernel that does not exist
 */
export function bindPasses(
  plan: Plan,
  kernels: KernelTable,
  base: number,
  registers: readonly number[],
): Record<string, () => void> {
  const bind = ({ kernel, args, kinds }: Plan["passes"][string][number]) => {
    const call = kernels[kernel];
    if (!call) throw new RangeError(`Cannot run the plan: there is no kernel named ${kernel}`);
    const values = args.map((value, i) => kinds[i] === "address" ? base + value : value);
    const patches = args.flatMap((register, i) => kinds[i] === "register" ? [{ i, register }] : []);
    return () => {
      for (const { i, register } of patches) values[i] = registers[register];
      call(...values);
    };
  };
  return Object.fromEntries(
    Object.entries(plan.passes).map(([name, calls]) => {
      const bound = calls.map(bind);
      return [name, () => bound.forEach((call) => call())];
    }),
  );
}

/** What a replica needs to know. Everything but `kernels` and `memory` can be posted. */
export interface ReplicaSetup {
  /** The plan to run. */
  readonly plan: Plan;
  /** Where the shared arrays lie. */
  readonly shared: SharedLayout;
  /** Number of micro-batches in a batch. */
  readonly microBatches: number;
  /** Number of this replica, from 0. */
  readonly index: number;
  /** Number of replicas. */
  readonly threads: number;
  /** Elements in a chunk. */
  readonly chunk: number;
  /** Address of the arena in this replica's memory. */
  readonly base: number;
}

/** A replica. */
export interface Replica {
  /**
   * Does this replica's share of one command. Yields at each meeting point the number of arrivals
   * to wait for; the caller decides how to wait.
   */
  work(mode: number): Generator<number, void, void>;
}

/** Creates a replica on `memory`, whose arena at `setup.base` holds `plan.bytes` bytes. */
export function createReplica(
  setup: ReplicaSetup,
  kernels: KernelTable,
  memory: WebAssembly.Memory,
  bind: typeof bindPasses,
): Replica {
  const { plan, shared, microBatches, index, threads, chunk, base } = setup;
  const TRAIN = 1;
  const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-7];
  const control = new Int32Array(shared.buffer, shared.control, 16);
  const hyper = new Float64Array(shared.buffer, shared.hyper, 16);
  const length = plan.parameters.length;
  const chunks = Math.ceil(length / chunk);
  const sharedFloats = (offset: number, count: number) =>
    new Float32Array(shared.buffer, offset, count);
  const parameters = sharedFloats(shared.parameters, length);
  const firstMoment = sharedFloats(shared.firstMoment, length);
  const secondMoment = sharedFloats(shared.secondMoment, length);
  const gradients = Array.from(
    { length: microBatches },
    (_, m) => sharedFloats(shared.gradients + m * length * 4, length),
  );
  const chunkSquares = new Float64Array(shared.buffer, shared.chunkSquares, chunks);
  const registers = [0];
  let arrivals = 0;
  let version = -1;

  const local = (region: Region) =>
    new Float32Array(memory.buffer, base + region.offset, region.length);
  const sharedPart = (offset: number, region: Region, m: number) =>
    sharedFloats(offset + m * region.length * 4, region.length);

  const passes = bind(plan, kernels, base, registers);

  function loadParameters(): void {
    local(plan.parameters).set(parameters);
    passes.prepare();
  }

  function runMicroBatch(m: number, mode: number): void {
    local(plan.inputs).set(sharedPart(shared.inputs, plan.inputs, m));
    local(plan.carried).set(sharedPart(shared.carried, plan.carried, m));
    registers[0] = control[4] + m;
    mode === TRAIN ? passes.forward() : passes.evaluate();
    if (mode === TRAIN) {
      passes.backward();
      gradients[m].set(local(plan.gradient));
    }
    sharedPart(shared.outputs, plan.outputs, m).set(local(plan.outputs));
    sharedPart(shared.carried, plan.carried, m).set(local(plan.carried));
  }

  const scratch = (slot: number) => base + plan.scratch.offset + slot * chunk * 4;
  const scratchFloats = (slot: number, count: number) =>
    new Float32Array(memory.buffer, scratch(slot), count);

  /** Sums the gradients of one chunk into the first one and notes the sum of its squares. */
  function sumChunk(k: number): void {
    const [from, to] = [k * chunk, Math.min(length, (k + 1) * chunk)];
    scratchFloats(0, to - from).set(gradients[0].subarray(from, to));
    for (let m = 1; m < microBatches; m++) {
      scratchFloats(1, to - from).set(gradients[m].subarray(from, to));
      kernels.addInto(scratch(0), scratch(1), to - from);
    }
    chunkSquares[k] = kernels.sumOfSquares(scratch(0), to - from);
    gradients[0].set(scratchFloats(0, to - from), from);
  }

  function updateChunk(k: number, scale: number): void {
    const [from, to] = [k * chunk, Math.min(length, (k + 1) * chunk)];
    const arrays = [parameters, firstMoment, secondMoment, gradients[0]];
    arrays.forEach((array, i) => scratchFloats(i, to - from).set(array.subarray(from, to)));
    const [learningRate, step, , weightDecay] = hyper;
    const correction = Math.sqrt(1 - BETA2 ** step) / (1 - BETA1 ** step);
    const places = [scratch(0), scratch(1), scratch(2), scratch(3), to - from];
    const rates = [learningRate * correction, BETA1, BETA2, EPSILON];
    kernels.adam(...places, ...rates, scale, learningRate * weightDecay);
    for (let i = 0; i < 3; i++) arrays[i].set(scratchFloats(i, to - from), from);
  }

  function* work(mode: number): Generator<number, void, void> {
    if (version !== control[5]) loadParameters();
    version = control[5];
    for (let m = index; m < control[6]; m += threads) runMicroBatch(m, mode);
    yield arrivals += threads;
    if (mode !== TRAIN) return;
    for (let k = index; k < chunks; k += threads) sumChunk(k);
    yield arrivals += threads;
    let squares = 0;
    for (const value of chunkSquares) squares += value;
    const norm = Math.sqrt(squares);
    if (index === 0) hyper[4] = norm;
    const clipNorm = hyper[2];
    const scale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
    if (Number.isFinite(norm)) {
      for (let k = index; k < chunks; k += threads) updateChunk(k, scale);
    }
    yield arrivals += threads;
    loadParameters();
  }

  return { work };
}

/** What the main thread posts to a new worker. */
export interface WorkerStart {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** The worker's share. */
  readonly setup: ReplicaSetup;
}

/** The whole of a worker. Self-contained, see the module's description. */
export function workerMain(make: typeof createReplica, bind: typeof bindPasses): void {
  const scope = globalThis as unknown as {
    onmessage: (event: MessageEvent<WorkerStart>) => void;
    postMessage(message: unknown): void;
    close(): void;
  };
  const QUIT = 3;
  scope.onmessage = ({ data: { module, setup } }) => {
    const control = new Int32Array(setup.shared.buffer, setup.shared.control, 16);
    const fail = (error: unknown) => {
      Atomics.store(control, 2, setup.index);
      Atomics.notify(control, 1);
      scope.postMessage(error instanceof Error ? `${error.stack}` : String(error));
      scope.close();
    };
    try {
      const pages = Math.ceil((setup.base + setup.plan.bytes) / 65536);
      const memory = new WebAssembly.Memory({ initial: pages });
      const instance = new WebAssembly.Instance(module, { env: { memory } });
      const kernels = instance.exports as unknown as KernelTable;
      const replica = make(setup, kernels, memory, bind);
      let command = 0;
      while (true) {
        Atomics.wait(control, 0, command);
        command = Atomics.load(control, 0);
        const mode = Atomics.load(control, 3);
        if (mode === QUIT) return scope.close();
        for (const target of replica.work(mode)) {
          Atomics.add(control, 1, 1);
          Atomics.notify(control, 1);
          let seen = Atomics.load(control, 1);
          while (seen < target) {
            if (Atomics.load(control, 2) !== 0) return scope.close();
            Atomics.wait(control, 1, seen);
            seen = Atomics.load(control, 1);
          }
        }
      }
    } catch (error) {
      fail(error);
    }
  };
}
