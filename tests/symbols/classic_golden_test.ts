import assert from "node:assert/strict";
import { readMidi } from "../../lib/midi/read.ts";
import {
  type ClassicElement,
  extractClassicElements,
  extractClassicSymbols,
} from "../../lib/symbols/classic.ts";
import { Vocabulary } from "../../lib/symbols/vocabulary.ts";

/** What music21 10.5.0 gives for one file of `cases/`. */
interface Golden {
  readonly file: string;
  readonly error: string | null;
  readonly symbols: readonly string[];
  readonly vocabulary: readonly string[];
  readonly elements: readonly {
    readonly offsetFrac: string;
    readonly quarterLengthFrac: string;
    readonly pitches: readonly number[];
    readonly grace: boolean;
    readonly symbol: string | null;
  }[];
}

const oracle = new URL("../data/oracle/", import.meta.url);

/** The golden files, by file name. */
function readGolden(): Golden[] {
  const names = [...Deno.readDirSync(new URL("golden/", oracle))].map(({ name }) => name).sort();
  return names.map((name) =>
    JSON.parse(Deno.readTextFileSync(new URL(`golden/${name}`, oracle))) as Golden
  );
}

function readCase(file: string) {
  return readMidi(Deno.readFileSync(new URL(`cases/${file}`, oracle)), file).midi;
}

/** A fraction such as "5/3" in 1/96. */
function parseFraction(text: string): number {
  const [numerator, denominator] = text.split("/").map(Number);
  return numerator * 96 / denominator;
}

/** One of our elements in the shape of the golden ones. */
function describe({ onset, duration, pitches, symbol }: ClassicElement) {
  return {
    onset,
    duration,
    pitches: symbol === undefined ? [] : pitches,
    grace: duration === 0,
    symbol: symbol ?? null,
  };
}

const golden = readGolden();

Deno.test("there are golden files for all cases", () => {
  assert.equal(golden.length, 57);
});

for (const { file, error, symbols, vocabulary, elements } of golden) {
  if (error !== null) continue;
  Deno.test(`extractClassicSymbols() equals music21 on ${file}`, () => {
    const midi = readCase(file);
    const ours = extractClassicSymbols(midi);
    assert.deepEqual(ours, symbols);
    assert.deepEqual(Vocabulary.of(ours).symbols, vocabulary);
    assert.deepEqual(
      extractClassicElements(midi).map(describe),
      elements.map(({ offsetFrac, quarterLengthFrac, pitches, grace, symbol }) => ({
        onset: parseFraction(offsetFrac),
        duration: parseFraction(quarterLengthFrac),
        pitches,
        grace,
        symbol,
      })),
    );
  });
}
