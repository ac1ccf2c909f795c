/** One thread of the roofline's measurement: waits for the others, then runs the loop again and again. */
import { createMaddLoop } from "./roofline_module.ts";

/** What a worker is told to do. */
export interface RooflineJob {
  readonly sumCount: number;
  readonly threads: number;
  /** Shared by all: how many workers are ready. */
  readonly ready: Int32Array<SharedArrayBuffer>;
}

/** Long enough for the timer's resolution, short enough to fit between two interruptions. */
const roundMilliseconds = 5;
const rounds = 60;

/** Operations a millisecond, of the fastest round. */
function measure({ sumCount, threads, ready }: RooflineJob): number {
  const { run, operationsPerTurn } = createMaddLoop(sumCount);
  const timed = (turns: number) => {
    const start = performance.now();
    run(turns, 1e-3);
    return performance.now() - start;
  };
  // Many short calls, since V8 does not replace a WebAssembly function while it runs.
  let turns = 1000;
  const end = performance.now() + 100;
  while (performance.now() < end) timed(turns);
  while (timed(turns) < roundMilliseconds) turns *= 2;
  Atomics.add(ready, 0, 1);
  while (Atomics.load(ready, 0) < threads);
  const fastest = Math.min(...Array.from({ length: rounds }, () => timed(turns)));
  return turns * operationsPerTurn / fastest;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<RooflineJob>) => void;
  postMessage(operationsPerMillisecond: number): void;
};
scope.onmessage = ({ data }) => scope.postMessage(measure(data));
