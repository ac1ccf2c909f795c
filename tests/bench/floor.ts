/** What a piece of work needs at least, and how soon this machine could have done it (development only). */
import type { Plan } from "../../lib/engine/plan.ts";
import { roofline } from "./roofline.ts";

/** What must be computed and moved, whatever the program. */
export interface Work {
  /** Floating-point operations. */
  readonly operations: number;
  /** Bytes that are read or written at least once. */
  readonly bytes: number;
}

/** Floats that the optimiser and the two passes read or write for each parameter. */
const FLOATS_A_PARAMETER = 10; // forward and backward 1 each, gradient 1, Adam reads 4 and writes 3
/** Floats of an LSTM unit in one step and row: gates, cell and output, then dz, written and read. */
const FLOATS_A_UNIT = 2 * (4 + 1 + 1) + 2 * 4;

/**
 * Bytes of a training step of `plan` with LSTM layers of so many units over so many rows times steps:
 * parameters, gradients and moments are touched once a step, activations once in each direction.
 */
export function trainingBytes(
  plan: Plan,
  units: readonly number[],
  rowsTimesSteps: number,
): number {
  const activations = units.reduce((sum, count) => sum + count, 0) * rowsTimesSteps;
  return 4 * (FLOATS_A_PARAMETER * plan.parameters.length + FLOATS_A_UNIT * activations);
}

/** Largest array that is read to measure the speed of reading: far larger than the caches. */
const LARGEST = 1 << 27;

/** Bytes a second at which one thread reads an array of so many bytes again and again. */
function readingSpeed(bytes: number): number {
  const array = new Float64Array(Math.min(bytes, LARGEST) / 8).fill(1); // else all pages are one
  let [best, sum] = [Infinity, 0];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let i = 0; i < array.length; i += 8) sum += array[i]; // one of each cache line
    best = Math.min(best, performance.now() - start);
  }
  if (!(sum > 0)) throw new Error("Nothing was read");
  return array.byteLength / (best / 1000);
}

const peaks = new Map<number, number>();

/** Seconds below which `work` cannot be done here, with a line that says how they come about. */
export async function floorOf(
  work: Work,
  threads: number,
): Promise<{ seconds: number; text: string }> {
  if (!peaks.has(threads)) peaks.set(threads, await roofline(threads));
  const [peak, speed] = [peaks.get(threads)! * 1e9, readingSpeed(work.bytes)];
  const seconds = Math.max(work.operations / peak, work.bytes / (threads * speed));
  const text = `${scaled(work.operations, "FLOP")} at ${scaled(peak, "FLOPS")}, ` +
    `${scaled(work.bytes, "B")} at ${scaled(threads * speed, "B/s")}`;
  return { seconds, text };
}

/** A number with the metric prefix that leaves it between 1 and 1000. */
function scaled(value: number, unit: string): string {
  const prefixes = ["", "k", "M", "G", "T"];
  const power = value < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toPrecision(3)} ${prefixes[power]}${unit}`;
}
