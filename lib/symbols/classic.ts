/**
 * The symbols of the `classic` preset: exactly what music21 10.5.0 gives for
 * `converter.parse(file).flatten().notes`, with single notes by pitch name and chords by normal
 * order. What is accidental about that (held notes that come again after every bar line, bars that
 * slip because a length was not forgotten) stays in `music21/`; the numbers of rules there (R7.4)
 * are those of the extraction rules that these files follow.
 *
 * @module
 */
import type { Division, MidiFile, MidiTrack } from "../midi/types.ts";
import { makeBars, metersOf } from "./music21/bars.ts";
import { Container } from "./music21/container.ts";
import { type GridElement, quantise } from "./music21/quantise.ts";
import { fillWithRests } from "./music21/rests.ts";
import { cutAtBarLines } from "./music21/ties.ts";
import type { Units } from "./music21/time.ts";
import { compareElements, readTrack } from "./music21/track.ts";
import { separateVoices } from "./music21/voices.ts";
import { chordSymbol } from "./normal_order.ts";
import { pitchName } from "./pitch_name.ts";
import type { MusicSymbol } from "./types.ts";

/** A note, chord or drum hit, or one piece of it where bar lines cut it, as music21 places it. */
export interface ClassicElement {
  /** Where music21 places it, in 1/96 of a quarter. */
  readonly onset: number;
  /** Its length in 1/96 of a quarter; 0 for grace notes. */
  readonly duration: number;
  /** Its pitches in file order, repeats kept. */
  readonly pitches: readonly number[];
  /** Its symbol; none if there is a drum in it. */
  readonly symbol?: MusicSymbol;
}

/**
 * The symbols of a file in the order of music21.
 *
 * Files that music21 refuses are read by the nearest rule: SMPTE divisions by the first tempo of
 * the file, the independent tracks of format 2 one after the other.
 *
 * @throws {CorpusError} if the file is so long (50,000 bars) that it must be damaged
 */
export function extractClassicSymbols(midi: MidiFile): MusicSymbol[] {
  const symbols: MusicSymbol[] = [];
  for (const { symbol } of extractClassicElements(midi)) {
    if (symbol !== undefined) symbols.push(symbol);
  }
  return symbols;
}

/**
 * The elements that the symbols stand for, drum hits included, in the order of music21.
 *
 * @throws {CorpusError} if the file is so long (50,000 bars) that it must be damaged
 */
export function extractClassicElements(midi: MidiFile): ClassicElement[] {
  const ticksPerQuarter = quarterLength(midi);
  if (midi.format === 2) {
    return midi.tracks.flatMap((track) => flatten(makeParts([track], ticksPerQuarter)));
  }
  return flatten(makeParts(midi.tracks, ticksPerQuarter));
}

/** One part for each track with notes, its bars cut, filled and lined up. */
function makeParts(tracks: readonly MidiTrack[], ticksPerQuarter: number): Container[] {
  const parts: Container[] = [];
  const conductor: GridElement[] = [];
  for (const track of tracks) {
    const content = readTrack(track, ticksPerQuarter);
    const elements = quantise(content.elements);
    // Tracks without notes conduct those that come after them (R5.1).
    if (!content.hasNoteOns) conductor.push(...elements);
    else if (content.hasNotes) parts.push(makePart(elements, conductor, content.needsVoices));
  }
  return parts;
}

/** The part of one track, with the marks of the conductor in it (R5.2). */
function makePart(
  elements: readonly GridElement[],
  conductor: readonly GridElement[],
  needsVoices: boolean,
): Container {
  const conducted = conductor.filter(({ kind }) => kind !== "instrument").sort(compareElements);
  const sequence = [...elements, ...conducted].sort(compareElements);
  const part = makeBars(sequence, metersOf(conducted));
  if (needsVoices) { for (const { item: bar } of part.containers()) separateVoices(bar); }
  cutAtBarLines(part, ["note", "rest"]);
  fillWithRests(part);
  return part;
}

/** The notes of all parts by onset, grace notes first, then in the order of the parts (R9). */
function flatten(parts: readonly Container[]): ClassicElement[] {
  const found: ClassicElement[] = [];
  const walk = (container: Container, start: Units) => {
    for (const { onset, item } of container.read()) {
      if (item instanceof Container) walk(item, start + onset);
      else if (item.kind === "note") {
        const { pitches, unpitched, length } = item;
        const symbol = unpitched ? undefined : symbolOf(pitches);
        found.push({ onset: start + onset, duration: length, pitches, symbol });
      }
    }
  };
  for (const part of parts) walk(part, 0);
  return found.sort((a, b) => a.onset - b.onset || graceOrder(a) - graceOrder(b));
}

function graceOrder({ duration }: ClassicElement): number {
  return duration === 0 ? 0 : 1;
}

/** A single note goes by its name, several by their pitch classes, even if they are the same. */
function symbolOf(pitches: readonly number[]): MusicSymbol {
  return pitches.length === 1 ? pitchName(pitches[0]) : chordSymbol(pitches);
}

/** Ticks per quarter that music21 takes for SMPTE files it accepts, and when it takes them. */
const SMPTE_ACCEPTED = { ticksPerFrame: [24, 25, 29, 30], ticksPerQuarter: 10080 };
const DEFAULT_MICROSECONDS_PER_QUARTER = 500_000;

/** Ticks in a quarter note, as music21 takes them (R1.3), else by the first tempo of the file. */
function quarterLength(midi: MidiFile): number {
  const division: Division = midi.division;
  if (division.kind === "quarter") return division.ticksPerQuarter;
  const { framesPerSecond, ticksPerFrame } = division;
  if (SMPTE_ACCEPTED.ticksPerFrame.includes(ticksPerFrame)) return SMPTE_ACCEPTED.ticksPerQuarter;
  return framesPerSecond * ticksPerFrame * firstTempo(midi) / 1e6;
}

/** Microseconds per quarter of the first tempo event of the file. */
function firstTempo({ tracks }: MidiFile): number {
  for (const { events } of tracks) {
    const tempo = events.find((event) => event.type === "tempo");
    if (tempo !== undefined) return tempo.microsecondsPerQuarter;
  }
  return DEFAULT_MICROSECONDS_PER_QUARTER;
}
