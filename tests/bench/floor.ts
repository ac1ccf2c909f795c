/**
 * What a piece of work has to compute and to move, and how soon this machine could have done it, were
 * there nothing else to do (development only).
 */
import type { Plan } from "../../lib/engine/plan.ts";
import { roofline } from "./roofline.ts";

/** What is computed and moved. */
export interface Work {
  /** Floating-point operations. */
  readonly operations: number;
  /** Bytes that are read or written if nothing stays in a cache between two uses. */
  readonly bytes: number;
}

/** Floats that the optimiser and the two passes read or write for each parameter. */
const FLOATS_A_PARAMETER = 10; // forward and backward 1 each, gradient 1, Adam reads 4 and writes 3
/** Floats of an LSTM unit in one step and row: gates, cell and output, then dz, written and read. */
const FLOATS_A_UNIT = 2 * (4 + 1 + 1) + 2 * 4;

/**
 * Bytes of a training step of `plan` with LSTM layers of so many units over so many rows times steps:
 * parameters, gradients and moments, read and written by the two passes and by Adam, and the activations
 * of the LSTM layers, written once and read once in each direction.
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

/** For how long it is read. */
const READING_MILLISECONDS = 500;

/** Bytes a second at which one thread reads an array of so many bytes again and again. */
function readingSpeed(bytes: number): number {
  const array = new Float64Array(Math.min(bytes, LARGEST) / 8).fill(1); // else all pages are one
  let [best, total] = [Infinity, 0];
  const end = performance.now() + READING_MILLISECONDS;
  for (let start = performance.now(); start < end; start = performance.now()) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i + 24 < array.length; i += 32) { // one number of each cache line
      a += array[i];
      b += array[i + 8];
      c += array[i + 16];
      d += array[i + 24];
    }
    total += a + b + c + d;
    best = Math.min(best, performance.now() - start);
  }
  if (!(total > 0)) throw new Error("Nothing was read");
  return array.byteLength / (best / 1000);
}

const peaks = new Map<number, number>();

/** Measures the peak of so many threads in GFLOPS; floors use the one measured last. */
export async function measurePeak(threads: number): Promise<number> {
  const peak = await roofline(threads);
  peaks.set(threads, peak);
  return peak;
}

/**
 * Seconds that `work` takes at the peak of so many threads and at the reading speed of one times their
 * number, which cores that share a bus do not reach; with a line that says so.
 */
export async function floorOf(
  work: Work,
  threads: number,
): Promise<{ seconds: number; text: string }> {
  const peak = 1e9 * (peaks.get(threads) ?? await measurePeak(threads));
  const speed = readingSpeed(work.bytes);
  const seconds = Math.max(work.operations / peak, work.bytes / (threads * speed));
  const text = `${scaled(work.operations, "FLOP")} at ${scaled(peak, "FLOPS")}, ` +
    `${scaled(work.bytes, "B")} at ${threads > 1 ? "most " : ""}${scaled(threads * speed, "B/s")}`;
  return { seconds, text };
}

/** A number with the metric prefix that leaves it between 1 and 1000. */
function scaled(value: number, unit: string): string {
  const prefixes = ["", "k", "M", "G", "T"];
  const power = value < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toPrecision(3)} ${prefixes[power]}${unit}`;
}
