/**
 * `deno task bench:engine`: the engine beside its peers, in one run. `--json` prints one object a line,
 * `--only NAME` runs one.
 *
 * @module
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type PeerName, runPeer } from "./peers/run.ts";
import { profile } from "./profile.ts";
import { floorOf, measurePeak, type Work } from "./floor.ts";
import {
  classicArrayBytes,
  classicStep,
  classicStepWork,
  EVERY_TARGETS,
  EVERY_THREADS,
  everyStepWork,
  memoryOverSteps,
  startUp,
  symbolsPerSecond,
  symbolWork,
  targetsPerSecond,
} from "./steps.ts";
import { classicPlan } from "../../lib/model/classic.ts";

/** One comparison. `ratio` is how much better ours is: above 1 faster or smaller. */
interface Comparison {
  readonly name: string;
  readonly ours: number;
  readonly unit: string;
  readonly peer: string;
  readonly theirs: number;
  readonly ratio: number;
}

type Measure = () => Promise<Comparison>;

const CORES = navigator.hardwareConcurrency;
/** Steps over which memory must stay the same. */
const MEMORY_STEPS = 1000;

function compared(
  name: string,
  ours: number,
  unit: string,
  peer: string,
  theirs: number,
  better: "lower" | "higher",
): Comparison {
  return {
    name,
    ours,
    unit,
    peer,
    theirs,
    ratio: better === "lower" ? theirs / ours : ours / theirs,
  };
}

async function againstPeer(name: string, peer: PeerName, args: Record<string, number>) {
  const result = await runPeer(peer, args);
  const versions = Object.entries(result.versions).map((entry) => entry.join(" ")).join(", ");
  const { label, secondsMinimum } = result.best;
  const ours = await classicStep(CORES);
  return compared(name, ours, "s", `${versions}, ${label}`, secondsMinimum, "lower");
}

const roof = async (name: string, threads: number) => {
  const [peak, seconds] = [await measurePeak(threads), await classicStep(threads)];
  const ours = classicStepWork().operations / seconds / 1e9;
  return compared(name, ours, "GFLOPS", "register-only multiply-add loop", peak, "higher");
};

const MEASURES: Readonly<Record<string, Measure>> = {
  "classic-step/tfjs-layers": () =>
    againstPeer("classic-step/tfjs-layers", "classic_step_tfjs", { repeats: 1 }),
  "classic-step/pytorch": () =>
    againstPeer("classic-step/pytorch", "classic_step_torch", { repeats: 3 }),
  "classic-step/keras": () =>
    againstPeer("classic-step/keras", "classic_step_keras", { repeats: 3 }),
  "roofline-1": () => roof("roofline-1", 1),
  "roofline-2": () => roof("roofline-2", 2),
  "threads-2-vs-1": async () =>
    compared(
      "threads-2-vs-1",
      await classicStep(2),
      "s",
      "1 thread",
      await classicStep(1),
      "lower",
    ),
  "targets-per-second": async () => {
    const { best, versions } = await runPeer("targets_torch", { repeats: 3 });
    const peer = `torch ${versions.torch}, ${best.label}`;
    const ours = await targetsPerSecond(CORES);
    return compared("targets-per-second", ours, "1/s", peer, 1 / best.secondsMinimum, "higher");
  },
  "generation": async () =>
    compared("generation", await symbolsPerSecond(), "1/s", "target of the issue", 3000, "higher"),
  "generation/keras-predict": async () => {
    const { best, tried } = await runPeer("generation_keras", { repeats: 3 });
    const predict = tried.find(({ label }) => label.includes("predict")) ?? best;
    const ours = await symbolsPerSecond();
    const theirs = 1 / predict.secondsMinimum;
    return compared("generation/keras-predict", ours, "1/s", predict.label, theirs, "higher");
  },
  "startup": async () =>
    compared("startup", await inFreshProcess("startup"), "s", "target of the issue", 0.5, "lower"),
  "rss": async () =>
    compared("rss", await inFreshProcess("rss"), "MB", "target of the issue", 350, "lower"),
};

/** Says how soon `work`, in which a measurement counts so many units, could be done on so many threads. */
async function floorOfWork(work: Work, threads: number, units = 1): Promise<string> {
  const { seconds, text } = await floorOf(work, threads);
  const least = units === 1 ? "" : `, a ${units}th of that each`;
  return `${threads} thread(s): ${text}: ${seconds.toPrecision(3)} s${least}, ` +
    `${(units / seconds).toPrecision(3)} 1/s`;
}

const floorOfStep = (threads: number) => () => floorOfWork(classicStepWork(), threads);
const floorOfSymbol = () => floorOfWork(symbolWork(), 1);
/** What stands beside the figures: the least that each needs. */
const FLOORS: Readonly<Record<string, () => string | Promise<string>>> = {
  "classic-step/tfjs-layers": floorOfStep(CORES),
  "classic-step/pytorch": floorOfStep(CORES),
  "classic-step/keras": floorOfStep(CORES),
  "roofline-1": floorOfStep(1),
  "roofline-2": floorOfStep(2),
  "threads-2-vs-1": floorOfStep(2),
  "targets-per-second": () =>
    floorOfWork(everyStepWork(), Math.min(CORES, EVERY_THREADS), EVERY_TARGETS),
  "generation": floorOfSymbol,
  "generation/keras-predict": floorOfSymbol,
  "rss": () => `arrays of ${(classicArrayBytes(2) / 1e6).toFixed(0)} MB`,
};

/** Measures what must not be disturbed by what ran before, with the flags of the task. */
async function inFreshProcess(what: "startup" | "rss"): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "bench:engine", "--alone", what],
    cwd: new URL("../..", import.meta.url),
    stderr: "inherit",
  });
  return JSON.parse(new TextDecoder().decode((await command.output()).stdout));
}

async function alone(what: string): Promise<number> {
  if (what === "startup") return await startUp();
  const read = await memoryOverSteps(MEMORY_STEPS);
  console.error(`MB at each tenth: ${read.map((bytes) => (bytes / 1e6).toFixed(0)).join(" ")}`);
  if (read.at(-1)! > read[0] * 1.05) throw new Error("Memory grew");
  return Math.max(...read) / 1e6;
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    json: { type: "boolean" },
    profile: { type: "boolean" },
    only: { type: "string" },
    alone: { type: "string" },
  },
});
if (options.alone) {
  console.log(JSON.stringify(await alone(options.alone)));
  Deno.exit(0);
}
const names = options.only ? [options.only] : Object.keys(MEASURES);
if (!options.json) {
  console.log(
    `${cpus()[0].model}, ${CORES} cores, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  );
}
for (const name of names) {
  if (!(name in MEASURES)) {
    throw new Error(`There is no ${name}: ${Object.keys(MEASURES).join(", ")}`);
  }
  const it = await MEASURES[name]();
  if (options.json) console.log(JSON.stringify(it));
  else {
    const [ours, theirs] = [it.ours, it.theirs].map((value) => value.toPrecision(3));
    console.log(
      `${name.padEnd(26)} ${ours} ${it.unit}  ${theirs} (${it.peer})  ×${it.ratio.toFixed(2)}`,
    );
    if (name in FLOORS) console.log(`  floor: ${await FLOORS[name]()}`);
  }
}
if (options.profile) {
  const sizes = { vocabularySize: 114, sequenceLength: 50, denseUnits: 256, dropout: 0.3 };
  const plan = classicPlan({ preset: "classic", ...sizes, units: [512, 256] }, 16);
  for (const { kernel, calls, milliseconds } of await profile(plan, 3)) {
    console.log(`${kernel.padEnd(28)} ${calls} calls ${milliseconds.toFixed(2)} ms`);
  }
}
