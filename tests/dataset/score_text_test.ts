import assert from "node:assert/strict";
import { CorpusError } from "../../lib/errors.ts";
import { parseScore } from "../../lib/dataset/score_text.ts";

const HEADER = `title: Test
composer: nobody
source: none
key: D major
meter: 3/4
tempo: 3/8 = 60
unit: 1/8
`;

/** A one-part score in D major, 3/4, eighth notes. */
function score(music: string, more = ""): string {
  return `${HEADER}${more}part M: melody, program 6\n\nsection A\nM: ${music}\n`;
}

/** [onset, duration, pitch] of the first part. */
function notesOf(text: string): number[][] {
  return parseScore(text, "test.txt").parts[0]!.notes
    .map(({ onset, duration, pitch }) => [onset, duration, pitch]);
}

function velocitiesOf(text: string): number[] {
  return parseScore(text, "test.txt").parts[0]!.notes.map(({ velocity }) => velocity);
}

/** Line and message of the error that `text` must cause. */
function failure(text: string): [number | undefined, string] {
  try {
    parseScore(text, "test.txt");
  } catch (error) {
    assert.ok(error instanceof CorpusError);
    assert.equal(error.details.source, "test.txt");
    assert.ok(error.details.hint);
    return [error.details.line, error.message];
  }
  throw new assert.AssertionError({ message: "wanted an error" });
}

Deno.test("the header becomes tempo, meter, key and parts", () => {
  const piece = parseScore(score("d6 |"), "test.txt");
  assert.equal(piece.source, "test.txt");
  // 60 dotted quarters a minute are 90 quarters a minute.
  assert.deepEqual(piece.tempos, [{ onset: 0, microsecondsPerQuarter: 666667 }]);
  assert.deepEqual(piece.meters, [{ onset: 0, numerator: 3, denominator: 4 }]);
  assert.deepEqual(piece.keys, [{ onset: 0, fifths: 2, minor: false }]);
  assert.equal(piece.parts.length, 1);
  assert.equal(piece.parts[0]!.name, "melody");
  assert.equal(piece.parts[0]!.program, 6);
  assert.equal(piece.parts[0]!.drums, false);
});

Deno.test("keys have the signs of the circle of fifths", () => {
  const expected: [string, number, boolean][] = [
    ["C major", 0, false],
    ["F major", -1, false],
    ["Bb major", -2, false],
    ["C# major", 7, false],
    ["Cb major", -7, false],
    ["A minor", 0, true],
    ["E minor", 1, true],
    ["C minor", -3, true],
    ["F# minor", 3, true],
    ["Bb minor", -5, true],
  ];
  for (const [name, fifths, minor] of expected) {
    const piece = parseScore(score("d6 |").replace("D major", name), "test.txt");
    assert.deepEqual(piece.keys, [{ onset: 0, fifths, minor }], name);
  }
});

Deno.test("octaves, key signature and accidentals give the pitch", () => {
  assert.deepEqual(notesOf(score("C, C c c' F G |")).map(([, , pitch]) => pitch), [
    49,
    61,
    73,
    85,
    66,
    67,
  ]);
  // An accidental holds to the end of the bar, in its octave only.
  assert.deepEqual(
    notesOf(score("=F F f ^G _B G | F G =c c ^^A __B |")).map(([, , pitch]) => pitch),
    [65, 65, 78, 68, 70, 68, 66, 67, 72, 72, 71, 69],
  );
});

Deno.test("flats of the signature lower the notes", () => {
  const pitches = notesOf(score("B E A D G C |").replace("D major", "Eb major"))
    .map(([, , pitch]) => pitch);
  assert.deepEqual(pitches, [70, 63, 68, 62, 67, 60]);
});

Deno.test("lengths, rests, triplets and chords stand on the grid", () => {
  assert.deepEqual(notesOf(score("d2 z/2 e3/2 f/ g/4 a/4 b | (3def [Ac]4 |")), [
    [0, 48, 74],
    [60, 36, 76],
    [96, 12, 78],
    [108, 6, 79],
    [114, 6, 81],
    [120, 24, 83],
    [144, 16, 74],
    [160, 16, 76],
    [176, 16, 78],
    [192, 96, 69],
    [192, 96, 73],
  ]);
});

Deno.test("ties join notes, also in chords and over bar lines", () => {
  assert.deepEqual(notesOf(score("z4 [Ad]2- | [Ad]4 d2- | d6 |")), [
    [96, 144, 69],
    [96, 144, 74],
    [240, 192, 74],
  ]);
});

Deno.test("layers of a bar start together and groups are written out", () => {
  assert.deepEqual(notesOf(score("{D2}*3 & z2 A4 |")), [
    [0, 48, 62],
    [48, 48, 62],
    [48, 96, 69],
    [96, 48, 62],
  ]);
});

Deno.test("the form plays sections in its order", () => {
  const text = score("d6 |", "form: A B A\n") + "\nsection B\nM: e6 |\n";
  assert.deepEqual(notesOf(text), [[0, 144, 74], [144, 144, 76], [288, 144, 74]]);
});

Deno.test("a pickup follows silence and meets the last bar of a repeat", () => {
  assert.deepEqual(notesOf(score("A2 | d4 |", "pickup: 1/4\nform: A A\n")), [
    [96, 48, 69],
    [144, 96, 74],
    [240, 48, 69],
    [288, 96, 74],
  ]);
});

Deno.test("velocity is dynamic mark, accent and part together", () => {
  // 3/4: downbeat +6, beats 0, between beats -4; f is 96, p is 49.
  assert.deepEqual(velocitiesOf(score("!f! d e f g a b | !p! d2 e2 f2 |")), [
    102,
    92,
    96,
    92,
    96,
    92,
    55,
    49,
    49,
  ]);
  // 4/4: the middle of the bar +3. Without a mark it is mf, 80.
  assert.deepEqual(velocitiesOf(score("d2 e2 f2 g2 |").replace("3/4", "4/4")), [86, 80, 83, 80]);
  // 6/8: two beats of three eighths.
  assert.deepEqual(velocitiesOf(score("defgab |").replace("3/4", "6/8")), [86, 76, 76, 83, 76, 76]);
});

Deno.test("a glide moves the loudness evenly to the next mark", () => {
  // From p (49) to f (96) in two bars of three quarters.
  assert.deepEqual(velocitiesOf(score("!p! !..! d2 e2 f2 | d2 e2 f2 | !f! d6 |")), [
    55,
    Math.round(49 + 47 / 6),
    Math.round(49 + 47 * 2 / 6),
    Math.round(49 + 47 * 3 / 6 + 6),
    Math.round(49 + 47 * 4 / 6),
    Math.round(49 + 47 * 5 / 6),
    102,
  ]);
});

Deno.test("a part without marks follows the first one, with its own offset", () => {
  const text = `${HEADER}part M: melody, program 0\npart B: bass, program 0, velocity -9\n\n` +
    "section A\nM: !p! d6 |\nB: D,4 D,2 |\n";
  const velocities = parseScore(text, "test.txt").parts[1]!.notes.map(({ velocity }) => velocity);
  assert.deepEqual(velocities, [46, 40]);
});

Deno.test("every mistake is reported with its line", () => {
  // The music of score() stands on line 11.
  const cases: [string, number, RegExp][] = [
    [score("d4 |"), 11, /wanted 3 quarters, found 2 quarters/],
    [score("d6 | d8 | d6 |"), 11, /bar 2 as played: wanted 3 quarters, found 4 quarters/],
    [score("d6 | d4 | d6 |"), 11, /bar 2 as played: wanted 3 quarters, found 2 quarters/],
    [score("d6"), 11, /a bar is not closed/],
    [score("d6 ? |"), 11, /found "\? \|"/],
    [score("!loud! d6 |"), 11, /!loud!/],
    [score("d5 (3dd/32d/32 |"), 11, /off the grid/],
    [score("{d2 |"), 11, /a group is not closed/],
    [score("d2}*3 |"), 11, /} without {/],
    [score("d6 & e4 |"), 11, /different lengths/],
    [score("d6 & z2 d4 |"), 11, /still sounds/],
    [score("d6- | e6 |"), 11, /tie leads/],
    [score("d6- | z2 d4 |"), 11, /tie leads/],
    [score("d6 |").replace("D major", "H major"), 4, /key "H major"/],
    [score("d6 |").replace("D major", "G# major"), 4, /key "G# major"/],
    [score("d6 |").replace("3/8 = 60", "fast"), 6, /found "fast"/],
    [score("d6 |").replace("3/8 = 60", "1/4 = 0"), 6, /found tempo/],
    [score("d6 |").replace("3/4", "0/4"), 5, /found "0\/4"/],
    [score("d6 |").replace("meter: 3/4\n", ""), 7, /no meter/],
    [score("d6 |").replace("melody, program 6", "melody"), 8, /found part "melody"/],
    [score("d6 |", "mood: sad\n"), 8, /mood: sad/],
    [score("d6 |", "form: A C\n"), 1, /section C/],
    [score("d6 |") + "X: d6 |\n", 12, /found "X: d6 \|"/],
    [score("d6 |") + "section A\n", 12, /section A stands twice/],
    [HEADER, 7, /wanted a section/],
  ];
  for (const [text, line, message] of cases) {
    const [foundLine, foundMessage] = failure(text);
    assert.match(foundMessage, message);
    assert.equal(foundLine, line, foundMessage);
  }
});

Deno.test("parts with different bars are refused", () => {
  const text = `${HEADER}part M: melody, program 0\npart B: bass, program 0\n\nsection A\n` +
    "M: d6 | d6 |\nB: D,6 |\n";
  assert.match(failure(text)[1], /bar 2 as played: M has 3 quarters, B has 0 quarters/);
});
