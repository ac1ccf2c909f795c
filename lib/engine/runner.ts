/**
 * Runs a plan without training it: for generation, one step after another.
 *
 * @module
 */
import type { Engine } from "./backend.ts";
import type { Plan, Region } from "./plan.ts";
import { bindPasses, type KernelTable } from "./replica.ts";

/** A network ready to run. Views are valid until the next call into the engine. */
export interface Runner {
  /** An input by name, to be written before a run. */
  input(name: string): Float32Array;
  /** The same bytes as {@linkcode input} seen as int32. */
  inputIds(name: string): Int32Array;
  /** An output by name, to be read after a run. */
  output(name: string): Float32Array;
  /** The carried states of the LSTM layers. */
  carried(): Float32Array;
  /** Runs a pass of the plan, `evaluate` unless another one is named. */
  run(pass?: string): void;
  /** Frees the memory. */
  close(): void;
}

/** Loads `parameters` (in the plan's layout) and prepares them. */
export function createRunner(engine: Engine, plan: Plan, parameters: Float32Array): Runner {
  const arena = engine.allocate(plan.bytes);
  const passes = bindPasses(plan, engine.kernels as unknown as KernelTable, arena.address, []);
  const floats = ({ offset, length }: Region) =>
    new Float32Array(engine.memory.buffer, arena.address + offset, length);
  floats(plan.parameters).set(parameters);
  floats(plan.carried).fill(0);
  passes.prepare();
  return {
    input: (name) => floats(plan.inputTensors[name]),
    inputIds(name) {
      const { offset, length } = plan.inputTensors[name];
      return new Int32Array(engine.memory.buffer, arena.address + offset, length);
    },
    output: (name) => floats(plan.outputTensors[name]),
    carried: () => floats(plan.carried),
    run: (pass = "evaluate") => passes[pass](),
    close: () => arena.free(),
  };
}
