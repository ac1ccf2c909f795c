/**
 * Reads music from a small text notation, close to ABC: the readable form of the starter corpus.
 * `input/README.md` explains the notation for those who write it.
 *
 * @module
 */
import { CorpusError } from "../errors.ts";
import { type Grid, GRID_PER_QUARTER, type Note, type Part, type Piece } from "../score/types.ts";

/** Velocities of the dynamic marks, as notation programs play them. */
const LEVELS: Readonly<Record<string, number>> = {
  ppp: 16,
  pp: 33,
  p: 49,
  mp: 64,
  mf: 80,
  f: 96,
  ff: 112,
  fff: 126,
};

/** The mark after which the loudness moves evenly to the next mark. */
const GLIDE = "..";

/** What the downbeat, the middle of an even bar, another beat and the rest gain in velocity. */
const ACCENTS = { downbeat: 6, middle: 3, beat: 0, offbeat: -4 } as const;

const SEMITONES: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS: Readonly<Record<string, number>> = {
  "^^": 2,
  "^": 1,
  "=": 0,
  "_": -1,
  "__": -2,
};
const ORDER_OF_SHARPS = "FCGDAEB";
const WHOLE_NOTE = 4 * GRID_PER_QUARTER;

const REQUIRED_NAMES = ["title", "composer", "source", "key", "meter", "tempo", "unit"];
const HEADER_NAMES = [...REQUIRED_NAMES, "pickup", "form"];

const LENGTH = String.raw`(\d*)(?:(/)(\d*))?`;
const PITCH = String.raw`(?:\^\^|\^|=|__|_)?[A-Ga-g][,']*`;
const TOKEN = new RegExp(
  [
    String.raw`(?<bar>\|)`,
    String.raw`!(?<mark>[a-z]+|\.\.)!`,
    String.raw`(?<open>\{)`,
    String.raw`\}\*(?<times>\d+)`,
    "(?<layer>&)",
    String.raw`(?<triplet>\(3)`,
    String.raw`(?<what>z|${PITCH}|\[(?:${PITCH})+\])(?<length>${LENGTH})(?<tie>-?)`,
  ].join("|"),
  "y",
);

/** What the lines before the first section say. */
interface Header {
  readonly fifths: number;
  readonly minor: boolean;
  readonly numerator: number;
  readonly denominator: number;
  readonly microsecondsPerQuarter: number;
  /** Length of a note without a number. */
  readonly unit: number;
  /** Length of the bar before the first full one, 0 if there is none. */
  readonly pickup: number;
  readonly parts: readonly PartHeader[];
  /** Names of the sections in playing order; empty for the order in which they are written. */
  readonly form: readonly string[];
}

interface PartHeader {
  readonly label: string;
  readonly name: string;
  readonly program: number;
  /** Added to every velocity of the part. */
  readonly velocity: number;
}

/** One sign of the notation and where it stands. */
interface Token {
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly line: number;
}

interface WrittenNote {
  readonly pitch: number;
  readonly onset: number;
  readonly duration: number;
  readonly tied: boolean;
  readonly line: number;
}

/** A dynamic mark; without a level it starts a glide. */
interface Mark {
  readonly onset: number;
  readonly level?: number;
}

interface Bar {
  readonly line: number;
  readonly length: number;
  readonly notes: readonly WrittenNote[];
  readonly marks: readonly Mark[];
  /** Whether it is the first or the last of its section, where it may be incomplete. */
  readonly edge: boolean;
}

/** Notes and marks of one part in playing order, from the start of the piece. */
interface Line {
  readonly notes: readonly WrittenNote[];
  readonly marks: readonly Mark[];
}

type Fail = (line: number, message: string, hint: string) => never;

/**
 * The piece that a score text describes. Its first bar is a full bar: a pickup is preceded by
 * silence, so that bar lines fall on multiples of the bar length.
 *
 * @param text the score, in the notation of `input/README.md`
 * @param source name of the file, for the piece and for errors
 * @throws {CorpusError} with the line number, if the text does not follow the notation, a bar does
 * not add up to its meter, or the parts do not fit together
 *
 * @example
 * ```ts
 * import { parseScore } from "./score_text.ts";
 * import assert from "node:assert/strict";
 *
 * const piece = parseScore(
 *   "title: Scale\ncomposer: anonymous\nsource: exercise\nkey: G major\nmeter: 4/4\n" +
 *     "tempo: 1/4 = 100\nunit: 1/4\npart M: melody, program 0\n\n" +
 *     "section A\nM: !mf! G A B c | d e f g |\n",
 *   "scale.txt",
 * );
 * const pitches = piece.parts[0]?.notes.map((note) => note.pitch);
 * assert.deepEqual(pitches, [67, 69, 71, 72, 74, 76, 78, 79]);
 * ```
 */
export function parseScore(text: string, source: string): Piece {
  const fail: Fail = (line, message, hint) => {
    throw new CorpusError(`Cannot read the score: ${message}`, { source, line, hint });
  };
  const lines = text.split(/\r?\n/).map((content, index) => ({
    content: content.replace(/%.*/, "").trim(),
    line: index + 1,
  })).filter(({ content }) => content !== "");
  const firstSection = lines.findIndex(({ content }) => content.startsWith("section "));
  if (firstSection < 0) {
    fail(
      lines.at(-1)?.line ?? 1,
      "wanted a section, found none",
      "Write `section A` above the music.",
    );
  }
  const header = readHeader(lines.slice(0, firstSection), fail);
  const sections = readSections(lines.slice(firstSection), header, fail);
  const form = header.form.length > 0 ? header.form : [...sections.keys()];
  const barLines = header.parts.map(({ label }) =>
    form.flatMap((name) => {
      const bars = sections.get(name)?.get(label);
      return bars ??
        fail(1, `the form names section ${name}, which has no line ${label}`, "Add it.");
    })
  );
  checkAlike(barLines, header, fail);
  const written = barLines.map((bars) => layOut(bars, header, fail));
  return {
    source,
    parts: header.parts.map((part, index) =>
      toPart(part, written[index]!, written[0]!, header, fail)
    ),
    tempos: [{ onset: 0 as Grid, microsecondsPerQuarter: header.microsecondsPerQuarter }],
    meters: [{ onset: 0 as Grid, numerator: header.numerator, denominator: header.denominator }],
    keys: [{ onset: 0 as Grid, fifths: header.fifths, minor: header.minor }],
  };
}

function readHeader(lines: readonly { content: string; line: number }[], fail: Fail): Header {
  const values = new Map<string, { value: string; line: number }>();
  const parts: PartHeader[] = [];
  for (const { content, line } of lines) {
    const [, name = "", value = ""] = /^([\w ]+?)\s*:\s*(.*)$/.exec(content) ?? [];
    if (name.startsWith("part ")) {
      parts.push(readPart(name.slice("part ".length), value, line, fail));
    } else if (HEADER_NAMES.includes(name)) {
      values.set(name, { value, line });
    } else {
      fail(
        line,
        `found the header line "${content}"`,
        `Known are ${HEADER_NAMES.join(", ")}, part.`,
      );
    }
  }
  const lastLine = lines.at(-1)?.line ?? 1;
  for (const name of REQUIRED_NAMES) {
    if (!values.has(name)) {
      fail(lastLine, `the header has no ${name}`, `Add a line \`${name}: ...\` above the music.`);
    }
  }
  if (parts.length === 0) {
    fail(lastLine, "no part is declared", "Add `part RH: right hand, program 0`.");
  }
  const read = <T>(name: string, reader: (value: string, line: number, fail: Fail) => T): T => {
    const { value, line } = values.get(name)!;
    return reader(value, line, fail);
  };
  const [numerator, denominator] = read("meter", readFraction);
  return {
    ...read("key", readKey),
    numerator,
    denominator,
    microsecondsPerQuarter: read("tempo", readTempo),
    unit: read("unit", readNoteValue),
    pickup: values.has("pickup") ? read("pickup", readNoteValue) : 0,
    parts,
    form: values.get("form")?.value.split(/\s+/) ?? [],
  };
}

function readPart(label: string, value: string, line: number, fail: Fail): PartHeader {
  const match = /^([^,]+), program (\d+)(?:, velocity ([+-]\d+))?$/.exec(value);
  if (match === null) {
    return fail(
      line,
      `found part "${value}"`,
      "Write `part RH: right hand, program 0, velocity -6`.",
    );
  }
  return { label, name: match[1]!, program: Number(match[2]), velocity: Number(match[3] ?? 0) };
}

function readKey(value: string, line: number, fail: Fail): { fifths: number; minor: boolean } {
  const match = /^([A-G])([#b]?) (major|minor)$/.exec(value);
  if (match === null) {
    return fail(line, `found key "${value}"`, "Write `key: Bb major` or the like.");
  }
  const alteration = match[2] === "#" ? 7 : match[2] === "b" ? -7 : 0;
  const minor = match[3] === "minor";
  const fifths = ORDER_OF_SHARPS.indexOf(match[1]!) - 1 + alteration - (minor ? 3 : 0);
  if (Math.abs(fifths) > 7) fail(line, `found key "${value}"`, "Use a key of at most seven signs.");
  return { fifths, minor };
}

function readFraction(value: string, line: number, fail: Fail): [number, number] {
  const match = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value);
  if (match === null) return fail(line, `wanted a fraction, found "${value}"`, "Write `3/4`.");
  return [Number(match[1]), Number(match[2])];
}

function readNoteValue(value: string, line: number, fail: Fail): number {
  const [numerator, denominator] = readFraction(value, line, fail);
  return numerator * WHOLE_NOTE / denominator;
}

function readTempo(value: string, line: number, fail: Fail): number {
  const [noteValue = "", count = ""] = value.split(/\s*=\s*/);
  const quartersPerMinute = Number(count) * readNoteValue(noteValue, line, fail) / GRID_PER_QUARTER;
  if (!(quartersPerMinute > 0)) fail(line, `found tempo "${value}"`, "Write `tempo: 1/4 = 120`.");
  return Math.round(60e6 / quartersPerMinute);
}

/** Section name → part label → bars. */
function readSections(
  lines: readonly { content: string; line: number }[],
  header: Header,
  fail: Fail,
): Map<string, Map<string, Bar[]>> {
  const written = new Map<string, Map<string, Token[]>>();
  let current = new Map<string, Token[]>();
  for (const { content, line } of lines) {
    const name = /^section (\S+)$/.exec(content)?.[1];
    if (name !== undefined) {
      current = new Map(header.parts.map(({ label }) => [label, []]));
      if (written.has(name)) fail(line, `section ${name} stands twice`, "Give it another name.");
      written.set(name, current);
      continue;
    }
    const [, label = "", music = ""] = /^(\S+):(.*)$/.exec(content) ?? [];
    const tokens = current.get(label);
    if (tokens === undefined) {
      fail(
        line,
        `found "${content}"`,
        "Start each line of music with a declared part: `RH: c d e |`.",
      );
    }
    tokens!.push(...tokenize(music, line, fail));
  }
  return new Map([...written].map(([name, parts]) => [
    name,
    new Map([...parts].map(([label, tokens]) => [label, readBars(tokens, header, fail)])),
  ]));
}

function tokenize(music: string, line: number, fail: Fail): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  let position = 0;
  while (true) {
    while (music[position] === " ") position++;
    if (position >= music.length) return tokens;
    pattern.lastIndex = position;
    const match = pattern.exec(music);
    if (match === null) {
      const rest = music.slice(position, position + 12);
      return fail(line, `found "${rest}"`, "The notation is explained in input/README.md.");
    }
    tokens.push({ groups: match.groups ?? {}, line });
    position = pattern.lastIndex;
  }
}

/** The tokens with every `{...}*n` written out. */
function repeatGroups(tokens: readonly Token[], fail: Fail): Token[] {
  const result: Token[] = [];
  let start: number | undefined;
  for (const token of tokens) {
    const { open, times } = token.groups;
    if (open !== undefined) {
      if (start !== undefined) fail(token.line, "found { inside { }", "Close the first group.");
      start = result.length;
    } else if (times !== undefined) {
      if (start === undefined) {
        return fail(token.line, "found } without {", "Open the group with {.");
      }
      const group = result.slice(start);
      for (let count = 1; count < Number(times); count++) result.push(...group);
      start = undefined;
    } else {
      result.push(token);
    }
  }
  if (start !== undefined) {
    fail(tokens.at(-1)!.line, "a group is not closed", "Close it: `{...}*2`.");
  }
  return result;
}

function readBars(tokens: readonly Token[], header: Header, fail: Fail): Bar[] {
  const bars: Bar[] = [];
  let pending: Token[] = [];
  for (const token of repeatGroups(tokens, fail)) {
    if (token.groups.bar === undefined) {
      pending.push(token);
    } else {
      bars.push(readBar(pending, token.line, header, fail));
      pending = [];
    }
  }
  if (pending.length > 0) fail(pending[0]!.line, "a bar is not closed", "End every bar with `|`.");
  return bars.map((bar, index) => ({ ...bar, edge: index === 0 || index === bars.length - 1 }));
}

function readBar(tokens: readonly Token[], line: number, header: Header, fail: Fail): Bar {
  const notes: WrittenNote[] = [];
  const marks: Mark[] = [];
  const layerLengths: number[] = [];
  let altered = new Map<string, number>();
  let onset = 0;
  let inTriplet = 0;
  for (const { groups, line } of tokens) {
    if (groups.layer !== undefined) {
      layerLengths.push(onset);
      altered = new Map();
      onset = 0;
    } else if (groups.triplet !== undefined) {
      inTriplet = 3;
    } else if (groups.mark !== undefined) {
      const level = LEVELS[groups.mark];
      if (level === undefined && groups.mark !== GLIDE) {
        fail(
          line,
          `found the mark !${groups.mark}!`,
          `Known are ${Object.keys(LEVELS).join(" ")} and ..`,
        );
      }
      marks.push(level === undefined ? { onset } : { onset, level });
    } else {
      const full = readLength(groups.length ?? "", header.unit);
      const duration = inTriplet > 0 ? full * 2 / 3 : full;
      inTriplet = Math.max(0, inTriplet - 1);
      if (!Number.isInteger(duration) || duration <= 0) {
        fail(
          line,
          `"${groups.what}${groups.length}" is off the grid`,
          "Use 64ths, or triplets of 16ths.",
        );
      }
      for (const name of groups.what!.match(new RegExp(PITCH, "g")) ?? []) {
        const pitch = readPitch(name, header.fifths, altered);
        notes.push({ pitch, onset, duration, tied: groups.tie === "-", line });
      }
      onset += duration;
    }
  }
  if (layerLengths.some((length) => length !== onset)) {
    fail(
      line,
      "the layers of a bar have different lengths",
      "Fill the shorter ones with rests (z).",
    );
  }
  return { line, length: onset, notes, marks, edge: false };
}

/** Length in grid units of `3`, `3/2`, `/2`, `/` or nothing, times the unit. */
function readLength(text: string, unit: number): number {
  const [, numerator = "", slash = "", denominator = ""] = new RegExp(`^${LENGTH}$`).exec(text) ??
    [];
  return Number(numerator || 1) * unit / (slash === "" ? 1 : Number(denominator || 2));
}

/** Pitch of a note name; an accidental is kept in `altered` for the rest of the bar. */
function readPitch(name: string, fifths: number, altered: Map<string, number>): number {
  const [, accidental = "", letter = "", marks = ""] = /^([\^=_]*)([A-Ga-g])([,']*)$/.exec(name) ??
    [];
  const step = letter.toUpperCase();
  if (accidental !== "") altered.set(letter + marks, ACCIDENTALS[accidental]!);
  const octave = (letter === step ? 4 : 5) + marks.replaceAll(",", "").length -
    marks.replaceAll("'", "").length;
  const alteration = altered.get(letter + marks) ?? signatureAlteration(step, fifths);
  return 12 * (octave + 1) + SEMITONES[step]! + alteration;
}

/** +1, −1 or 0: what a key signature does to a step. */
function signatureAlteration(step: string, fifths: number): number {
  const place = ORDER_OF_SHARPS.indexOf(step);
  if (fifths >= 0) return place < fifths ? 1 : 0;
  return 6 - place < -fifths ? -1 : 0;
}

/** Checks that all parts have the same bars. */
function checkAlike(barLines: readonly (readonly Bar[])[], header: Header, fail: Fail): void {
  const [first = [], ...others] = barLines;
  others.forEach((bars, index) => {
    const label = header.parts[index + 1]!.label;
    for (const [number, bar] of first.entries()) {
      const other = bars[number];
      if (other?.length !== bar.length) {
        fail(
          other?.line ?? bar.line,
          `bar ${number + 1} as played: ${header.parts[0]!.label} has ${inQuarters(bar.length)}, ` +
            `${label} has ${inQuarters(other?.length ?? 0)}`,
          "All parts need the same bars.",
        );
      }
    }
    if (bars.length > first.length) {
      fail(
        bars[first.length]!.line,
        `${label} has more bars than the others`,
        "Write the rests out.",
      );
    }
  });
}

/** Bars one after the other; incomplete ones must meet at the edges of sections. */
function layOut(bars: readonly Bar[], header: Header, fail: Fail): Line {
  const full = header.numerator * WHOLE_NOTE / header.denominator;
  const notes: WrittenNote[] = [];
  const marks: Mark[] = [];
  let time = header.pickup > 0 ? full - header.pickup : 0;
  bars.forEach((bar, index) => {
    const begun = time % full;
    const complete = begun + bar.length === full;
    const mayEndEarly = bar.edge && index < bars.length - 1 && begun + bar.length < full;
    const lastAfterPickup = index === bars.length - 1 && bar.length === full - header.pickup;
    if (!complete && !mayEndEarly && !lastAfterPickup) {
      fail(
        bar.line,
        `bar ${index + 1} as played: wanted ${inQuarters(full - begun)}, found ${
          inQuarters(bar.length)
        }`,
        "Make the notes and rests of the bar add up to the meter.",
      );
    }
    for (const note of bar.notes) notes.push({ ...note, onset: note.onset + time });
    for (const mark of bar.marks) marks.push({ ...mark, onset: mark.onset + time });
    time += bar.length;
  });
  return { notes: joinTies(notes, fail), marks };
}

/** Notes with ties joined, ascending by onset, then pitch. */
function joinTies(notes: readonly WrittenNote[], fail: Fail): WrittenNote[] {
  const ordered = notes.toSorted((a, b) => a.onset - b.onset || a.pitch - b.pitch);
  const result: WrittenNote[] = [];
  const last = new Map<number, number>();
  for (const note of ordered) {
    const index = last.get(note.pitch);
    const before = index === undefined ? undefined : result[index];
    const gap = before === undefined ? 1 : note.onset - before.onset - before.duration;
    if (gap < 0) {
      fail(
        note.line,
        "a note starts while its own pitch still sounds",
        "Shorten one of the layers.",
      );
    }
    if (before?.tied && gap === 0) {
      result[index!] = { ...before, duration: before.duration + note.duration, tied: note.tied };
    } else {
      last.set(note.pitch, result.push(note) - 1);
    }
    if (before?.tied && gap > 0) failTie(before, fail);
  }
  for (const note of result) if (note.tied) failTie(note, fail);
  return result;
}

function failTie(note: WrittenNote, fail: Fail): never {
  return fail(
    note.line,
    "a tie leads to no note of the same pitch",
    "Repeat the accidental after a bar line.",
  );
}

/** A part with velocities; without marks of its own it follows those of the first part. */
function toPart(part: PartHeader, line: Line, first: Line, header: Header, fail: Fail): Part<Grid> {
  const marks = line.marks.length > 0 ? line.marks : first.marks;
  const notes = line.notes.map((note): Note<Grid> => {
    if (note.pitch < 0 || note.pitch > 127) {
      fail(note.line, `pitch ${note.pitch}`, "Stay within 0 to 127.");
    }
    const velocity = loudnessAt(note.onset, marks) + accentAt(note.onset, header) + part.velocity;
    return {
      pitch: note.pitch,
      velocity: Math.min(127, Math.max(1, Math.round(velocity))),
      onset: note.onset as Grid,
      duration: note.duration as Grid,
    };
  });
  if (notes.length === 0) {
    fail(1, `part ${part.label} has no notes`, "Remove it or write its music.");
  }
  return { name: part.name, program: part.program, drums: false, notes };
}

/** Velocity by the dynamic marks, mf before the first. */
function loudnessAt(onset: number, marks: readonly Mark[]): number {
  const next = marks.findIndex((mark) => mark.onset > onset);
  const end = next < 0 ? marks.length : next;
  const latest = marks[end - 1];
  if (latest === undefined) return LEVELS.mf!;
  if (latest.level !== undefined) return latest.level;
  const from = marks.slice(0, end).findLast((mark) => mark.level !== undefined)?.level ??
    LEVELS.mf!;
  const target = marks[end];
  if (target?.level === undefined) return from;
  return from + (target.level - from) * (onset - latest.onset) / (target.onset - latest.onset);
}

/** What the place in the bar adds to the velocity. */
function accentAt(onset: number, { numerator, denominator }: Header): number {
  const compound = denominator >= 8 && numerator % 3 === 0;
  const beat = WHOLE_NOTE / denominator * (compound ? 3 : 1);
  const beats = compound ? numerator / 3 : numerator;
  const position = onset % (beat * beats);
  if (position === 0) return ACCENTS.downbeat;
  if (beats % 2 === 0 && position === beat * beats / 2) return ACCENTS.middle;
  return position % beat === 0 ? ACCENTS.beat : ACCENTS.offbeat;
}

function inQuarters(length: number): string {
  return `${Number((length / GRID_PER_QUARTER).toFixed(3))} quarters`;
}
