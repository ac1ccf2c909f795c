/** Runs the passes of a plan by hand, with access to everything in its arena. */
import { startEngine } from "../../lib/engine/backend.ts";
import type { Plan, Region } from "../../lib/engine/plan.ts";
import { bindPasses, type KernelTable } from "../../lib/engine/replica.ts";

/** A plan on memory of its own. Views die when the memory grows: ask again for each use. */
export interface Arena {
  readonly plan: Plan;
  /** Numbers that registers stand for. */
  readonly registers: number[];
  floats(region: Region): Float32Array;
  ints(region: Region): Int32Array;
  parameter(name: string): Float32Array;
  gradient(name: string): Float32Array;
  input(name: string): Float32Array;
  inputIds(name: string): Int32Array;
  output(name: string): Float32Array;
  run(...passes: string[]): void;
  free(): void;
}

/** Lays out `plan`, everything zero. */
export async function createArena(plan: Plan): Promise<Arena> {
  const engine = await startEngine();
  const { address, free } = engine.allocate(plan.bytes);
  const registers = [0];
  const passes = bindPasses(plan, engine.kernels as unknown as KernelTable, address, registers);
  const floats = ({ offset, length }: Region) =>
    new Float32Array(engine.memory.buffer, address + offset, length);
  const ints = ({ offset, length }: Region) =>
    new Int32Array(engine.memory.buffer, address + offset, length);
  return {
    plan,
    registers,
    floats,
    ints,
    parameter: (name) => floats(plan.parameterTensors[name]),
    gradient(name) {
      const { offset, length } = plan.parameterTensors[name];
      return floats({ offset: offset - plan.parameters.offset + plan.gradient.offset, length });
    },
    input: (name) => floats(plan.inputTensors[name]),
    inputIds: (name) => ints(plan.inputTensors[name]),
    output: (name) => floats(plan.outputTensors[name]),
    run: (...names) => names.forEach((name) => passes[name]()),
    free,
  };
}
