import assert from "node:assert/strict";
import { buildMidi, scoreNames } from "../../input/build.ts";
import { parseScore } from "../../lib/dataset/score_text.ts";
import { readMidi } from "../../lib/midi/read.ts";
import type { Grid, Note, Part, Piece } from "../../lib/score/types.ts";
import { extractClassicSymbols } from "../../lib/symbols/classic.ts";

const FOLDER = new URL("../../input/", import.meta.url);
const VOICES = ["soprano", "alto", "tenor", "bass"];
/** Usual compass of the voices of a choir, lowest and highest pitch. */
const VOICE_RANGES = [[60, 81], [55, 74], [48, 69], [40, 62]] as const;
/** Playable compass by General MIDI program. */
const PROGRAM_RANGES: Readonly<Record<number, readonly [number, number]>> = {
  0: [21, 108],
  6: [29, 89],
  24: [38, 83],
  25: [38, 86],
  40: [55, 103],
  41: [48, 88],
  42: [36, 76],
  52: [40, 81],
  68: [58, 91],
  73: [60, 96],
};

interface Entry {
  readonly name: string;
  readonly text: string;
  readonly piece: Piece;
  readonly barLength: number;
}

const CORPUS: readonly Entry[] = scoreNames(FOLDER).map((name) => {
  const text = Deno.readTextFileSync(new URL(`scores/${name}.txt`, FOLDER));
  const piece = parseScore(text, `${name}.txt`);
  const { numerator, denominator } = piece.meters[0]!;
  return { name, text, piece, barLength: 192 * numerator / denominator };
});
const CHORALES = CORPUS.filter(({ piece }) =>
  piece.parts.map(({ name }) => name).join() === VOICES.join()
);

function headerValue(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(text)![1]!;
}

function end(note: Note<Grid>): number {
  return note.onset + note.duration;
}

function allNotes(piece: Piece): Note<Grid>[] {
  return piece.parts.flatMap(({ notes }) => notes);
}

/** Pitches that sound in a part at `time`, ascending. */
function sounding(part: Part<Grid>, time: number): number[] {
  return part.notes.filter((note) => note.onset <= time && end(note) > time)
    .map(({ pitch }) => pitch).sort((a, b) => a - b);
}

/** Every time at which a note starts, ascending. */
function onsets(piece: Piece): number[] {
  return [...new Set<number>(allNotes(piece).map(({ onset }) => onset))].sort((a, b) => a - b);
}

/** Pitch class of the tonic. */
function tonic(piece: Piece): number {
  const { fifths, minor } = piece.keys[0]!;
  return (fifths * 7 + (minor ? 9 : 0) + 84) % 12;
}

/** Units in a layer of a bar, counted by a simple scan that shares nothing with the parser. */
function countUnits(layer: string): number {
  let triplet = 0;
  let units = 0;
  for (
    const [sign, length] of [
      ...layer.matchAll(/\(3|(?:\[[^\]]*\]|[\^_=]*[A-Ga-gz][,']*)([\d/]*)/g),
    ].map((match) => [match[0], match[1] ?? ""] as const)
  ) {
    if (sign === "(3") {
      triplet = 3;
      continue;
    }
    const [over = "", under] = length.split("/");
    const value = Number(over || 1) / (under === undefined ? 1 : Number(under || 2));
    units += triplet-- > 0 ? value * 2 / 3 : value;
  }
  return units;
}

Deno.test("there are at least 20 pieces with at least 6,000 classic symbols", () => {
  assert.ok(CORPUS.length >= 20, `${CORPUS.length} pieces`);
  let symbols = 0;
  for (const { name } of CORPUS) {
    const { midi, repairs } = readMidi(Deno.readFileSync(new URL(`${name}.mid`, FOLDER)), name);
    assert.deepEqual(repairs, {}, name);
    const own = extractClassicSymbols(midi).length;
    assert.ok(own >= 100, `${name} has only ${own} symbols`);
    symbols += own;
  }
  assert.ok(symbols >= 6000, `${symbols} symbols`);
});

Deno.test("every MIDI file is what its text says", () => {
  for (const { name, text } of CORPUS) {
    const stored = Deno.readFileSync(new URL(`${name}.mid`, FOLDER));
    assert.deepEqual(stored, buildMidi(text, `${name}.txt`), `${name}: run deno task corpus:build`);
  }
});

Deno.test("every bar adds up to its meter", () => {
  for (const { name, text } of CORPUS) {
    const meter = headerValue(text, "meter").split("/").map(Number);
    const unit = headerValue(text, "unit").split("/").map(Number);
    const full = (meter[0]! / meter[1]!) / (unit[0]! / unit[1]!);
    for (const section of text.split(/^section /m).slice(1)) {
      const lines = section.split("\n").slice(1);
      for (const label of new Set(lines.map((line) => line.split(":")[0]!).filter(Boolean))) {
        const music = lines.filter((line) => line.startsWith(`${label}:`))
          .map((line) => line.slice(label.length + 1)).join(" ")
          .replaceAll(/![a-z.]+!/g, "")
          .replaceAll(/\{([^}]*)\}\*(\d+)/g, (_, group, times) => group.repeat(Number(times)));
        const bars = music.split("|").slice(0, -1);
        bars.forEach((bar, index) => {
          for (const layer of bar.split("&")) {
            const units = countUnits(layer);
            const place = `${name}, section ${section.split("\n")[0]}, ${label}, bar ${index + 1}`;
            const atEdge = index === 0 || index === bars.length - 1;
            if (atEdge) {
              assert.ok(units > 0 && units <= full + 1e-9, `${place}: ${units} of ${full}`);
            } else assert.ok(Math.abs(units - full) < 1e-9, `${place}: ${units} of ${full}`);
          }
        });
      }
    }
  }
});

Deno.test("no bar is silent", () => {
  for (const { name, piece, barLength } of CORPUS) {
    const notes = allNotes(piece);
    const last = Math.max(...notes.map(end));
    for (let start = 0; start < last; start += barLength) {
      const sounds = notes.some((note) => note.onset < start + barLength && end(note) > start);
      assert.ok(sounds, `${name}: bar ${start / barLength + 1}`);
    }
  }
});

Deno.test("pitches lie in the compass of their instrument", () => {
  for (const { name, piece } of CORPUS) {
    for (const part of piece.parts) {
      const range = PROGRAM_RANGES[part.program];
      assert.ok(range, `${name}: program ${part.program}`);
      for (const { pitch } of part.notes) {
        assert.ok(pitch >= range[0] && pitch <= range[1], `${name}, ${part.name}: ${pitch}`);
      }
    }
  }
});

Deno.test("nine tenths of the sound belong to the declared key", () => {
  for (const { name, piece } of CORPUS) {
    // In minor the raised sixth and seventh steps belong to the key.
    const scale = piece.keys[0]!.minor ? [0, 2, 3, 5, 7, 8, 9, 10, 11] : [0, 2, 4, 5, 7, 9, 11];
    const notes = allNotes(piece);
    const total = notes.reduce((sum, { duration }) => sum + duration, 0);
    const inKey = notes.filter(({ pitch }) => scale.includes((pitch - tonic(piece) + 120) % 12))
      .reduce((sum, { duration }) => sum + duration, 0);
    assert.ok(inKey / total >= 0.9, `${name}: ${inKey / total}`);
  }
});

Deno.test("every piece ends on the tonic, with nothing foreign to its chord", () => {
  for (const { name, piece } of CORPUS) {
    const last = Math.max(...allNotes(piece).map(({ onset }) => onset));
    const pitches = piece.parts.flatMap((part) => sounding(part, last));
    assert.equal(Math.min(...pitches) % 12, tonic(piece), `${name}: bass`);
    const third = piece.keys[0]!.minor ? 3 : 4;
    for (const pitch of pitches) {
      assert.ok([0, third, 7].includes((pitch - tonic(piece) + 120) % 12), `${name}: ${pitch}`);
    }
  }
});

Deno.test("the left hand stays below the right hand", () => {
  const twoHands = CORPUS.filter(({ piece }) => piece.parts.length === 2);
  assert.ok(twoHands.length >= 12);
  for (const { name, piece } of twoHands) {
    const [upper, lower] = piece.parts as [Part<Grid>, Part<Grid>];
    const both = onsets(piece).map((time) =>
      [sounding(upper, time), sounding(lower, time)] as const
    )
      .filter(([high, low]) => high.length > 0 && low.length > 0);
    const collisions = both.filter(([high, low]) => low.at(-1)! > high[0]!);
    assert.ok(collisions.length / both.length <= 0.05, `${name}: ${collisions.length} collisions`);
  }
});

Deno.test("the four voices keep their ranges, their order and their distance", () => {
  assert.ok(CHORALES.length >= 8, `${CHORALES.length} chorales`);
  for (const { name, piece } of CHORALES) {
    piece.parts.forEach((part, voice) => {
      const [lowest, highest] = VOICE_RANGES[voice]!;
      for (const { pitch } of part.notes) {
        assert.ok(pitch >= lowest && pitch <= highest, `${name}, ${part.name}: ${pitch}`);
      }
    });
    for (const [index, chord] of chordsOf(piece).entries()) {
      const [soprano, alto, tenor, bass] = chord as [number, number, number, number];
      const where = `${name}, chord ${index + 1}: ${chord.join(" ")}`;
      assert.ok(soprano >= alto && alto >= tenor && tenor >= bass, `${where}: voices cross`);
      assert.ok(soprano - alto <= 14 && alto - tenor <= 14, `${where}: voices too far apart`);
    }
  }
});

Deno.test("no two voices of a chorale move in parallel fifths or octaves", () => {
  for (const { name, piece } of CHORALES) {
    const chords = chordsOf(piece);
    chords.slice(1).forEach((chord, index) => {
      const before = chords[index]!;
      for (let high = 0; high < 4; high++) {
        for (let low = high + 1; low < 4; low++) {
          const moved = chord[high] !== before[high] && chord[low] !== before[low];
          const interval = (chord[high]! - chord[low]!) % 12;
          const parallel = moved && interval === (before[high]! - before[low]!) % 12 &&
            (interval === 0 || interval === 7);
          assert.ok(!parallel, `${name}: ${before.join(" ")} to ${chord.join(" ")}`);
        }
      }
    });
  }
});

/** What the four voices sing whenever one of them starts a note, from the highest voice down. */
function chordsOf(piece: Piece): number[][] {
  return onsets(piece).map((time) =>
    piece.parts.map((part) => {
      const pitches = sounding(part, time);
      assert.equal(pitches.length, 1, `${piece.source}, ${part.name}`);
      return pitches[0]!;
    })
  );
}

Deno.test("loudness varies within every piece", () => {
  for (const { name, piece } of CORPUS) {
    const velocities = new Set(allNotes(piece).map(({ velocity }) => velocity));
    assert.ok(velocities.size >= 8, `${name}: ${velocities.size} different velocities`);
  }
});

Deno.test("the README lists every piece, and every composer died before 1926", () => {
  const readme = Deno.readTextFileSync(new URL("README.md", FOLDER));
  for (const { name, text } of CORPUS) {
    for (const value of ["title", "key", "meter"].map((field) => headerValue(text, field))) {
      const row = readme.split("\n").find((line) => line.includes(`\`${name}\``)) ?? "";
      assert.ok(row.includes(value), `${name}: ${value}`);
    }
    const composer = headerValue(text, "composer");
    const years = [...composer.matchAll(/\d{4}/g)].map(([year]) => Number(year));
    if (years.length === 0) assert.match(composer, /\(\d\dth century\)/);
    assert.ok(years.every((year) => year < 1926), composer);
  }
});
