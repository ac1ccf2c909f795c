/**
 * `deno task bench`: MIDI reading, a training step of stock tfjs-layers beside ours, generation.
 *
 * @module
 */
import { readMidi } from "../../lib/midi/read.ts";
import type { MidiEvent } from "../../lib/midi/types.ts";
import { writeMidi } from "../../lib/midi/write.ts";
import { createPrng } from "../../lib/random.ts";
import { quantize } from "../../lib/score/quantize.ts";
import { toPiece } from "../../lib/score/to_piece.ts";
import { extractClassicSymbols } from "../../lib/symbols/classic.ts";
import { encode } from "../../lib/symbols/events.ts";
import { runPeer } from "./peers/run.ts";
import { classicStep, symbolsPerSecond } from "./steps.ts";

/** Files and notes in each that are read. */
const [FILES, NOTES] = [400, 1000];

function randomFile(seed: number): Uint8Array {
  const prng = createPrng(seed, "file");
  const events: MidiEvent[] = [];
  for (let i = 0; i < NOTES; i++) {
    const [onsetTicks, pitch] = [120 * i, 40 + prng.below(40)];
    events.push({ type: "noteOn", channel: 0, pitch, velocity: 80, onsetTicks });
    events.push({ type: "noteOff", channel: 0, pitch, velocity: 0, onsetTicks: onsetTicks + 110 });
  }
  events.push({ type: "endOfTrack", onsetTicks: 120 * NOTES });
  const division = { kind: "quarter", ticksPerQuarter: 480 } as const;
  return writeMidi({ format: 1, division, tracks: [{ events }] });
}

function filesPerSecond(read: (bytes: Uint8Array) => unknown): number {
  const files = Array.from({ length: FILES }, (_, seed) => randomFile(seed));
  for (const bytes of files.slice(0, FILES / 4)) read(bytes);
  const start = performance.now();
  for (const bytes of files) read(bytes);
  return FILES / ((performance.now() - start) / 1000);
}

const line = (name: string, value: number, unit: string) =>
  console.log(`${name.padEnd(52)} ${value.toFixed(value < 10 ? 2 : 0).padStart(7)} ${unit}`);
line(
  `files of ${NOTES} notes read to classic symbols`,
  filesPerSecond((bytes) => extractClassicSymbols(readMidi(bytes).midi)),
  "/s",
);
line(
  `files of ${NOTES} notes read to expressive events`,
  filesPerSecond((bytes) => encode(quantize(toPiece(readMidi(bytes).midi, "")).piece)),
  "/s",
);
const ours = await classicStep(navigator.hardwareConcurrency);
line("classic training step, ours", ours * 1000, "ms");
const stock = (await runPeer("classic_step_tfjs", { repeats: 1 })).best.secondsMinimum;
line("classic training step, stock tfjs-layers", stock * 1000, "ms");
line("  ratio", stock / ours, "×");
line("symbols generated, 512/256 units, with state", await symbolsPerSecond(), "/s");
