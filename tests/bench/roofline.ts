/** The arithmetic peak of WebAssembly on this machine: what no kernel can pass (development only). */
import type { RooflineJob } from "./roofline_worker.ts";

/**
 * Sums kept at a time. 12 hide the latency of a multiply-add and fit the sixteen 128-bit registers; 24
 * do the same for 256-bit registers, and are slower where V8 does not fuse pairs.
 */
const sumCounts = [12, 24];

function runWorker(job: RooflineJob): Promise<number> {
  const worker = new Worker(new URL("roofline_worker.ts", import.meta.url), { type: "module" });
  return new Promise<number>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot measure the roofline: ${event.message}`));
    };
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

/** Operations a second of all threads together, with each thread's loop at so many sums. */
async function peak(threads: number, sumCount: number): Promise<number> {
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const job = { sumCount, threads, ready };
  const rates = await Promise.all(Array.from({ length: threads }, () => runWorker(job)));
  return 1000 * rates.reduce((sum, rate) => sum + rate, 0);
}

/**
 * Measures the peak of so many threads at once, in GFLOPS (10⁹ single-precision operations a second).
 *
 * Run with `--v8-flags=--experimental-wasm-revectorize` it is the peak of 256-bit registers.
 *
 * @throws {Error} If a worker fails, as on a machine without relaxed SIMD.
 */
export async function roofline(threads: number): Promise<number> {
  const peaks: number[] = [];
  for (const sumCount of sumCounts) peaks.push(await peak(threads, sumCount));
  return Math.max(...peaks) / 1e9;
}

if (import.meta.main) {
  for (const threads of [1, navigator.hardwareConcurrency]) {
    console.log(`${threads} thread(s): ${(await roofline(threads)).toFixed(1)} GFLOPS`);
  }
}
