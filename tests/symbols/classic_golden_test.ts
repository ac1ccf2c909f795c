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

/** A folder of MIDI files and the folder of what music21 gives for them. */
interface Collection {
  readonly midi: URL;
  readonly golden: URL;
}

const oracle = new URL("../data/oracle/", import.meta.url);
const features: Collection = {
  midi: new URL("cases/", oracle),
  golden: new URL("golden/", oracle),
};
/**
 * Random files that tell correct extraction from nearly correct: each was the smallest of 6,000
 * that showed one particular change of the code. Named after what it is about.
 */
const finds: Collection = {
  midi: new URL("testdata/music21/", import.meta.url),
  golden: new URL("testdata/music21/", import.meta.url),
};

/** The golden files of a collection, by file name. */
function readGolden({ golden }: Collection): Golden[] {
  const names = [...Deno.readDirSync(golden)].map(({ name }) => name).sort();
  return names.filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(Deno.readTextFileSync(new URL(name, golden))) as Golden);
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

Deno.test("there are golden files for all cases", () => {
  assert.equal(readGolden(features).length, 57);
  assert.equal(readGolden(finds).length, 11);
});

for (const collection of [features, finds]) {
  for (const { file, error, symbols, vocabulary, elements } of readGolden(collection)) {
    if (error !== null) continue; // where music21 gives up, see classic_test.ts
    Deno.test(`extractClassicSymbols() equals music21 on ${file}`, () => {
      const { midi } = readMidi(Deno.readFileSync(new URL(file, collection.midi)), file);
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
}
