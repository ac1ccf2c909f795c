/**
 * Symbols of the `classic` preset → a MIDI file, byte for byte as music21 10.5.0 writes it.
 *
 * @module
 */
import { CorpusError } from "../errors.ts";
import type { MidiEvent, MidiFile } from "../midi/types.ts";
import type { MusicSymbol } from "./types.ts";

/** What music21 writes by default. */
const TICKS_PER_QUARTER = 10080;
const VELOCITY = 90;
const CHANNEL = 0;
const TRACK_NAME = 0x03;

/** The octave of chords, and of notes without one. */
const DEFAULT_OCTAVE = 4;

/** Semitones of the steps above C. */
const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** music21 knows accidentals of up to four sharps or flats. */
const NOTE_PATTERN = /^(?<step>[A-Ga-g])(?<accidental>#{0,4}|-{0,4})(?<octave>\d*)$/;
const CHORD_PATTERN = /^(\d|1[01])(\.(\d|1[01]))*$/;

/**
 * A MIDI file that plays one symbol a quarter note, chords in the octave from middle C up.
 *
 * It has the form that music21 gives it: format 1 with a first track for tempo (120 quarters a
 * minute) and meter (4/4) and a second one for the notes, 10,080 ticks a quarter, velocity 90, both
 * tracks ended properly one quarter after their last event. There is no program change, because
 * music21 writes none: a player starts with program 0, the piano.
 *
 * Pitches are read as music21 reads names, so a minus sign is always a flat: `E-1` is an E flat in
 * octave 1, also where it was extracted as an E in octave −1.
 *
 * @throws {CorpusError} if a symbol is neither a pitch name nor a chord, or no MIDI key plays it
 */
export function classicMidi(symbols: readonly MusicSymbol[]): MidiFile {
  return {
    format: 1,
    division: { kind: "quarter", ticksPerQuarter: TICKS_PER_QUARTER },
    tracks: [{ events: conductorEvents() }, { events: noteEvents(symbols) }],
  };
}

/** Tempo and meter, and an end one quarter later. */
function conductorEvents(): MidiEvent[] {
  return [
    { onsetTicks: 0, type: "tempo", microsecondsPerQuarter: 500_000 },
    {
      onsetTicks: 0,
      type: "timeSignature",
      numerator: 4,
      denominator: 4,
      clocksPerClick: 24,
      thirtySecondsPerQuarter: 8,
    },
    { onsetTicks: TICKS_PER_QUARTER, type: "endOfTrack" },
  ];
}

/** An empty name, a centred pitch bend if there are notes, the notes, and an end. */
function noteEvents(symbols: readonly MusicSymbol[]): MidiEvent[] {
  const events: MidiEvent[] = [
    { onsetTicks: 0, type: "meta", metaType: TRACK_NAME, data: new Uint8Array() },
  ];
  if (symbols.length > 0) {
    events.push({ onsetTicks: 0, type: "pitchBend", channel: CHANNEL, value: 0 });
  }
  for (const [index, symbol] of symbols.entries()) {
    const pitches = pitchesOf(symbol);
    const onsetTicks = index * TICKS_PER_QUARTER;
    const endTicks = onsetTicks + TICKS_PER_QUARTER;
    for (const pitch of pitches) {
      events.push({ onsetTicks, type: "noteOn", channel: CHANNEL, pitch, velocity: VELOCITY });
    }
    for (const pitch of pitches) {
      events.push({ onsetTicks: endTicks, type: "noteOff", channel: CHANNEL, pitch, velocity: 0 });
    }
  }
  events.push({ onsetTicks: (symbols.length + 1) * TICKS_PER_QUARTER, type: "endOfTrack" });
  return events;
}

/** The MIDI keys of a symbol, in the order it names them. */
function pitchesOf(symbol: MusicSymbol): number[] {
  if (CHORD_PATTERN.test(symbol)) {
    return symbol.split(".").map((pitchClass) => pitchAt(DEFAULT_OCTAVE, Number(pitchClass)));
  }
  const { step, accidental, octave } = NOTE_PATTERN.exec(symbol)?.groups ?? {};
  if (step === undefined) throw unplayable(symbol);
  const semitones = STEPS[step.toUpperCase()] +
    (accidental.startsWith("#") ? accidental.length : -accidental.length);
  const pitch = pitchAt(octave === "" ? DEFAULT_OCTAVE : Number(octave), semitones);
  if (pitch > 127) throw unplayable(symbol);
  return [pitch];
}

/** The MIDI key some semitones above the C of an octave. */
function pitchAt(octave: number, semitones: number): number {
  return 12 * (octave + 1) + semitones;
}

function unplayable(symbol: MusicSymbol): CorpusError {
  return new CorpusError(
    `Cannot write symbol as notes: wanted a pitch up to G9 such as "C4" or "E-5", ` +
      `or pitch classes such as "0.4.7", found "${symbol}"`,
    { hint: "Generate from a model trained with the classic preset." },
  );
}
