/**
 * Data-parallel training on all cores: one replica on the main thread, on the memory of tfjs's
 * wasm backend, and one in each worker.
 *
 * @module
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { TrainingError } from "../errors.ts";
import type { Engine } from "./backend.ts";
import { instantiateKernels, KERNEL_AREA_BYTES } from "./kernels.ts";
import { CHUNK, type Plan, type Region } from "./plan.ts";
import {
  bindPasses,
  CONTROL,
  createReplica,
  HYPER,
  type KernelTable,
  MODE,
  type ReplicaSetup,
  type SharedLayout,
  workerMain,
  type WorkerStart,
} from "./replica.ts";

/** Numbers that steer one update. */
export interface UpdateSettings {
  /** Adam's learning rate. */
  readonly learningRate: number;
  /** The gradient is scaled down to this global norm; 0: never. */
  readonly clipNorm: number;
  /** Decoupled weight decay (Loshchilov & Hutter 2019), as a share of the learning rate. */
  readonly weightDecay: number;
  /** Number that the dropout masks of this step depend on, int32. */
  readonly dropoutSeed: number;
}

/** Parameters and Adam's moments: what training needs to go on from. */
export interface OptimizerState {
  /** Updates so far. */
  readonly step: number;
  /** All parameters in the plan's layout. */
  readonly parameters: Float32Array;
  /** Adam's mean of the gradient. */
  readonly firstMoment: Float32Array;
  /** Adam's mean of the squared gradient. */
  readonly secondMoment: Float32Array;
}

/** A network being trained on one or more threads. */
export interface TrainingPool {
  /** Number of replicas. */
  readonly threads: number;
  /** Number of micro-batches in a batch. */
  readonly microBatches: number;
  /** Updates so far. */
  readonly step: number;
  /** Sets the parameters and, unless given, zeroes the moments. */
  load(state: Partial<OptimizerState> & Pick<OptimizerState, "parameters">): void;
  /** A copy of the current state. */
  state(): OptimizerState;
  /** The inputs of micro-batch `m` by name, to be written before a step. int32 inputs are the same bytes. */
  input(name: string, m: number): Float32Array;
  /** The same bytes as {@linkcode input} seen as int32. */
  inputIds(name: string, m: number): Int32Array;
  /** The outputs of micro-batch `m` by name, to be read after a step. */
  output(name: string, m: number): Float32Array;
  /** Sets the carried LSTM states of all micro-batches to zero. */
  clearCarried(): void;
  /**
   * One forward pass, backward pass and Adam update.
   *
   * @returns the global norm of the gradient before clipping; not finite if training has diverged,
   * and then nothing was updated
   * @throws {TrainingError} if a worker has died
   */
  train(settings: UpdateSettings): Promise<number>;
  /**
   * One forward pass without dropout over the first `active` micro-batches, all by default.
   *
   * @throws {TrainingError} if a worker has died
   */
  evaluate(active?: number): Promise<void>;
  /** Ends the workers and frees the memory. */
  close(): void;
}

/** A worker that makes no progress for this long is taken for dead. */
const PATIENCE_MILLISECONDS = 300_000;
/** How long the main thread blocks at a time, so that signals and messages still get through. */
const NAP_MILLISECONDS = 50;

/** How to start a pool. */
export interface PoolOptions {
  /** Number of micro-batches in a batch; more threads than that stay unused. */
  readonly microBatches: number;
  /** Number of replicas. */
  readonly threads: number;
  /**
   * Another build of the kernels, such as `await fastestKernels(now)`. The main thread's
   * replica then works on a memory of its own, as those in the workers do; by default it works on
   * the memory of the engine.
   */
  readonly kernels?: WebAssembly.Module;
}

/** Starts the replicas. */
export function createTrainingPool(
  engine: Engine,
  plan: Plan,
  options: PoolOptions,
): TrainingPool {
  const { microBatches } = options;
  const threads = Math.max(1, Math.min(options.threads, microBatches));
  const shared = layOut(plan, microBatches);
  const control = new Int32Array(shared.buffer, shared.control, 16);
  const hyper = new Float64Array(shared.buffer, shared.hyper, 16);
  const floats = (offset: number, length = plan.parameters.length) =>
    new Float32Array(shared.buffer, offset, length);
  const setup = (index: number, base: number): ReplicaSetup => ({
    plan,
    shared,
    microBatches,
    index,
    threads,
    chunk: CHUNK,
    base,
  });
  const module = options.kernels ?? engine.kernelModule;
  const home = options.kernels ? ownHome(module, plan) : engineHome(engine, plan);
  const replica = createReplica(setup(0, home.address), home.kernels, home.memory, bindPasses);
  const crashes: string[] = [];
  let workers: Worker[] = [];

  function start(): void {
    if (workers.length === threads - 1) return;
    const source = `(${workerMain})(${createReplica}, ${bindPasses})`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    workers = Array.from({ length: threads - 1 }, (_, i) => {
      const worker = new Worker(url, { type: "module" });
      worker.onmessage = ({ data }) => crashes.push(String(data));
      worker.onerror = (event) => {
        event.preventDefault();
        crashes.push(event.message);
      };
      const message: WorkerStart = { module, setup: setup(i + 1, KERNEL_AREA_BYTES) };
      worker.postMessage(message);
      return worker;
    });
    URL.revokeObjectURL(url);
  }

  /** Has all replicas do one command, and lets the event loop turn: a signal may be waiting. */
  async function command(mode: number): Promise<void> {
    start();
    Atomics.store(control, CONTROL.mode, mode);
    Atomics.add(control, CONTROL.command, 1);
    Atomics.notify(control, CONTROL.command);
    for (const target of replica.work(mode)) {
      Atomics.add(control, CONTROL.arrivals, 1);
      Atomics.notify(control, CONTROL.arrivals);
      await meet(target);
    }
    await setImmediate();
  }

  /** Waits until all replicas have arrived, without ever blocking for long. */
  async function meet(target: number): Promise<void> {
    for (let waited = 0;; waited += NAP_MILLISECONDS) {
      let seen = Atomics.load(control, CONTROL.arrivals);
      while (seen < target && Atomics.load(control, CONTROL.error) === 0) {
        if (Atomics.wait(control, CONTROL.arrivals, seen, NAP_MILLISECONDS) === "timed-out") break;
        seen = Atomics.load(control, CONTROL.arrivals);
      }
      if (Atomics.load(control, CONTROL.arrivals) >= target) return;
      // After an error the message of the worker is on its way.
      if (Atomics.load(control, CONTROL.error) !== 0) await setTimeout(NAP_MILLISECONDS);
      else await setImmediate();
      const silent = waited > PATIENCE_MILLISECONDS;
      if (crashes.length > 0 || silent) throw workerDied(crashes[0] ?? "it stopped answering");
    }
  }

  const microBatchPart = (offset: number, all: Region, part: Region, m: number) =>
    offset + m * all.length * 4 + (part.offset - all.offset);
  const tensor = (tensors: Plan["inputTensors"], name: string) => {
    if (!(name in tensors)) throw new RangeError(`The plan has no input or output named ${name}`);
    return tensors[name];
  };
  const inputPart = (name: string, m: number) =>
    microBatchPart(shared.inputs, plan.inputs, tensor(plan.inputTensors, name), m);

  return {
    threads,
    microBatches,
    get step() {
      return hyper[HYPER.step];
    },
    load({ parameters, firstMoment, secondMoment, step }) {
      floats(shared.parameters).set(parameters);
      firstMoment
        ? floats(shared.firstMoment).set(firstMoment)
        : floats(shared.firstMoment).fill(0);
      secondMoment
        ? floats(shared.secondMoment).set(secondMoment)
        : floats(shared.secondMoment).fill(0);
      hyper[HYPER.step] = step ?? 0;
      Atomics.add(control, CONTROL.version, 1);
    },
    state: () => ({
      step: hyper[HYPER.step],
      parameters: floats(shared.parameters).slice(),
      firstMoment: floats(shared.firstMoment).slice(),
      secondMoment: floats(shared.secondMoment).slice(),
    }),
    input: (name, m) => floats(inputPart(name, m), plan.inputTensors[name].length),
    inputIds: (name, m) =>
      new Int32Array(shared.buffer, inputPart(name, m), plan.inputTensors[name].length),
    output(name, m) {
      const part = tensor(plan.outputTensors, name);
      return floats(microBatchPart(shared.outputs, plan.outputs, part, m), part.length);
    },
    clearCarried: () => floats(shared.carried, microBatches * plan.carried.length).fill(0),
    async train(settings) {
      hyper[HYPER.learningRate] = settings.learningRate;
      hyper[HYPER.clipNorm] = settings.clipNorm;
      hyper[HYPER.weightDecay] = settings.weightDecay;
      hyper[HYPER.step] += 1;
      control[CONTROL.dropoutSeed] = settings.dropoutSeed;
      control[CONTROL.active] = microBatches;
      await command(MODE.train);
      const norm = hyper[HYPER.gradientNorm];
      if (!Number.isFinite(norm)) hyper[HYPER.step] -= 1;
      return norm;
    },
    async evaluate(active = microBatches) {
      control[CONTROL.active] = active;
      await command(MODE.evaluate);
    },
    close() {
      Atomics.store(control, CONTROL.mode, MODE.quit);
      Atomics.add(control, CONTROL.command, 1);
      Atomics.notify(control, CONTROL.command);
      for (const worker of workers) worker.terminate();
      workers = [];
      home.free();
    },
  };
}

/** Where the main thread's replica works. */
interface Home {
  readonly kernels: KernelTable;
  readonly memory: WebAssembly.Memory;
  readonly address: number;
  free(): void;
}

function engineHome(engine: Engine, plan: Plan): Home {
  const { address, free } = engine.allocate(plan.bytes);
  const kernels = engine.kernels as unknown as KernelTable;
  return { kernels, memory: engine.memory, address, free };
}

function ownHome(module: WebAssembly.Module, plan: Plan): Home {
  const pages = Math.ceil((KERNEL_AREA_BYTES + plan.bytes) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const kernels = instantiateKernels(module, memory) as unknown as KernelTable;
  return { kernels, memory, address: KERNEL_AREA_BYTES, free: () => {} };
}

/** Where everything lies in the shared memory. */
function layOut(plan: Plan, microBatches: number): SharedLayout {
  let bytes = 0;
  const take = (length: number) => {
    const offset = bytes;
    bytes = Math.ceil((bytes + length) / 64) * 64;
    return offset;
  };
  const parameterBytes = plan.parameters.length * 4;
  const offsets = {
    control: take(64),
    hyper: take(128),
    parameters: take(parameterBytes),
    firstMoment: take(parameterBytes),
    secondMoment: take(parameterBytes),
    gradients: take(parameterBytes * microBatches),
    chunkSquares: take(Math.ceil(plan.parameters.length / CHUNK) * 8),
    inputs: take(plan.inputs.length * 4 * microBatches),
    outputs: take(plan.outputs.length * 4 * microBatches),
    carried: take(plan.carried.length * 4 * microBatches),
  };
  return { ...offsets, bytes, buffer: new SharedArrayBuffer(bytes) };
}

function workerDied(reason: string): TrainingError {
  return new TrainingError(`Training stopped: a worker thread died (${reason})`, {
    hint: "Run again with --threads 1; if it happens again, please report it with this message.",
  });
}
