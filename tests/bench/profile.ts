/**
 * Where the time of a training step goes: milliseconds by kernel, on one thread.
 *
 * @module
 */
import { fastestKernels, instantiateKernels, KERNEL_AREA_BYTES } from "../../lib/engine/kernels.ts";
import type { Plan } from "../../lib/engine/plan.ts";
import { bindPasses, type KernelTable } from "../../lib/engine/replica.ts";

/** Time spent in one kernel. */
export interface KernelTime {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Calls in one step. */
  readonly calls: number;
  /** Milliseconds in one step. */
  readonly milliseconds: number;
}

/**
 * Runs forward and backward of `plan` with the kernels that training would choose, and adds up the
 * time of each kernel over `repeats` steps. Inputs are 0, parameters small numbers.
 */
export async function profile(plan: Plan, repeats: number): Promise<KernelTime[]> {
  const pages = Math.ceil((KERNEL_AREA_BYTES + plan.bytes) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const module = await fastestKernels(() => performance.now());
  const kernels = instantiateKernels(module, memory) as unknown as KernelTable;
  const { offset, length } = plan.parameters;
  const parameters = new Float32Array(memory.buffer, KERNEL_AREA_BYTES + offset, length);
  parameters.forEach((_, i) => parameters[i] = Math.sin(i) * 0.05);
  const times = new Map<string, { calls: number; milliseconds: number }>();
  const timed = Object.entries(kernels).map(([kernel, run]) => [
    kernel,
    (...args: number[]) => {
      const before = performance.now();
      const result = run(...args);
      const entry = times.get(kernel) ?? { calls: 0, milliseconds: 0 };
      entry.calls++;
      entry.milliseconds += performance.now() - before;
      times.set(kernel, entry);
      return result;
    },
  ]);
  const passes = bindPasses(plan, Object.fromEntries(timed), KERNEL_AREA_BYTES, [1]);
  passes.prepare();
  passes.forward();
  times.clear();
  for (let i = 0; i < repeats; i++) {
    passes.forward();
    passes.backward();
  }
  return [...times].map(([kernel, { calls, milliseconds }]) => ({
    kernel,
    calls: calls / repeats,
    milliseconds: milliseconds / repeats,
  })).sort((a, b) => b.milliseconds - a.milliseconds);
}
