import assert from "node:assert/strict";
import { MidiError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import type { MidiReading } from "../../lib/midi/types.ts";
import { writeMidi } from "../../lib/midi/write.ts";
import { createPrng, type Prng } from "../../lib/random.ts";
import { REPAIR_RULES } from "../../lib/midi/repairs.ts";

const CASES = new URL("../data/oracle/cases/", import.meta.url);
const DAMAGED_COPIES = 40;

async function cases(): Promise<[string, Uint8Array][]> {
  const names = (await Array.fromAsync(Deno.readDir(CASES))).map((entry) => entry.name)
    .filter((name) => name.endsWith(".mid")).sort();
  return Promise.all(names.map(async (name): Promise<[string, Uint8Array]> => [
    name,
    await Deno.readFile(new URL(name, CASES)),
  ]));
}

/** Some bytes changed, and perhaps the end cut off, or a stretch doubled or taken out. */
function damage(bytes: Uint8Array, prng: Prng): Uint8Array {
  const damaged = [...bytes];
  for (let i = prng.below(6); i > 0; i--) damaged[prng.below(damaged.length)] = prng.below(256);
  const [from, length] = [prng.below(damaged.length), prng.below(20)];
  const kind = prng.below(4);
  if (kind === 0) damaged.length = from;
  if (kind === 1) damaged.splice(from, length);
  if (kind === 2) damaged.splice(from, 0, ...damaged.slice(from, from + length));
  return Uint8Array.from(damaged);
}

/**
 * Reads bytes that may be damaged; fails unless the outcome is a `MidiError` or a file that can be
 * written (which checks the range of every field) and read again without repair.
 */
function readSafely(bytes: Uint8Array, name: string): MidiReading | undefined {
  let reading: MidiReading;
  try {
    reading = readMidi(bytes, name);
  } catch (error) {
    assert.ok(error instanceof MidiError, `${name}: ${error}`);
    return undefined;
  }
  assert.deepEqual(readMidi(writeMidi(reading.midi)), { midi: reading.midi, repairs: {} }, name);
  return reading;
}

Deno.test("readMidi: damaged files give a MidiError or a valid file", async () => {
  const prng = createPrng(20, "fuzz");
  const rules = new Set<string>();
  const outcomes = { read: 0, refused: 0 };
  for (const [name, bytes] of await cases()) {
    for (let copy = 0; copy < DAMAGED_COPIES; copy++) {
      const reading = readSafely(damage(bytes, prng), name);
      outcomes[reading ? "read" : "refused"]++;
      Object.keys(reading?.repairs ?? {}).forEach((rule) => rules.add(rule));
    }
  }
  assert.ok(outcomes.read > 1000 && outcomes.refused > 20, JSON.stringify(outcomes));
  assert.ok(rules.size > Object.keys(REPAIR_RULES).length / 2, [...rules].join());
});

Deno.test("readMidi: cut off anywhere, a file keeps its whole events", async () => {
  const bytes = await Deno.readFile(new URL("02_format1_conductor.mid", CASES));
  const whole = readMidi(bytes).midi.tracks.map(({ events }) => events.length - 1);
  let before = 0;
  for (let length = 22; length <= bytes.length; length++) {
    const reading = readSafely(bytes.subarray(0, length), `${length} bytes`);
    assert.ok(reading);
    const counts = reading.midi.tracks.map(({ events }) => events.length - 1);
    counts.forEach((count, track) => assert.ok(count <= whole[track]));
    const total = counts.reduce((sum, count) => sum + count, 0);
    assert.ok(total >= before, `${length} bytes: ${total} events, one byte less: ${before}`);
    before = total;
  }
  assert.equal(before, whole.reduce((sum, count) => sum + count, 0));
});

Deno.test("readMidi: any bytes after a header", () => {
  const prng = createPrng(21, "fuzz");
  for (let i = 0; i < 500; i++) {
    const noise = Array.from({ length: prng.below(60) }, () => prng.below(256));
    const header = [..."MThd\0\0\0\x06\0\x01\0\x02\0\x60MTrk\0\0\0"].map((c) => c.charCodeAt(0));
    readSafely(Uint8Array.from([...header, ...noise]), `noise ${i}`);
  }
});
