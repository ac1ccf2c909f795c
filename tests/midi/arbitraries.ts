/**
 * For tests: random valid MIDI files.
 *
 * @module
 */
import fc from "fast-check";
import type { Division, MidiEvent, MidiFile, MidiTrack } from "../../lib/midi/types.ts";

const bits7 = fc.nat(127);
const channel = fc.nat(15);
const data = fc.uint8Array({ maxLength: 140 });
/** Not end of track, tempo, time signature, key signature, which have event types of their own. */
const metaType = bits7.filter((type) => ![0x2f, 0x51, 0x58, 0x59].includes(type));

type Body<Event> = Event extends MidiEvent ? Omit<Event, "onsetTicks"> : never;

const body: fc.Arbitrary<Body<MidiEvent>> = fc.oneof(
  fc.record({
    type: fc.constant("noteOn"),
    channel,
    pitch: bits7,
    velocity: fc.integer({ min: 1, max: 127 }),
  }),
  fc.record({ type: fc.constant("noteOff"), channel, pitch: bits7, velocity: bits7 }),
  fc.record({ type: fc.constant("programChange"), channel, program: bits7 }),
  fc.record({ type: fc.constant("controlChange"), channel, controller: bits7, value: bits7 }),
  fc.record({ type: fc.constant("polyPressure"), channel, pitch: bits7, value: bits7 }),
  fc.record({ type: fc.constant("channelPressure"), channel, value: bits7 }),
  fc.record({
    type: fc.constant("pitchBend"),
    channel,
    value: fc.integer({ min: -8192, max: 8191 }),
  }),
  fc.record({
    type: fc.constant("tempo"),
    microsecondsPerQuarter: fc.integer({ min: 1, max: 0xffffff }),
  }),
  fc.record({
    type: fc.constant("timeSignature"),
    numerator: fc.integer({ min: 1, max: 255 }),
    denominator: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
    clocksPerClick: fc.nat(255),
    thirtySecondsPerQuarter: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({
    type: fc.constant("keySignature"),
    fifths: fc.integer({ min: -7, max: 7 }),
    minor: fc.boolean(),
  }),
  fc.record({ type: fc.constant("meta"), metaType, data }),
  fc.record({ type: fc.constant("sysEx"), status: fc.constantFrom(0xf0, 0xf7), data }),
);

const delta = fc.oneof(
  fc.constant(0),
  fc.nat(300),
  fc.constantFrom(127, 128, 16383, 16384, 2097151, 2097152, 0x0fffffff),
);

const track: fc.Arbitrary<MidiTrack> = fc
  .tuple(fc.array(fc.tuple(delta, body), { maxLength: 40 }), delta)
  .map(([pairs, last]) => {
    let onsetTicks = 0;
    const events = pairs.map(([wait, event]): MidiEvent => ({
      ...event,
      onsetTicks: onsetTicks += wait,
    }));
    return { events: [...events, { onsetTicks: onsetTicks + last, type: "endOfTrack" }] };
  });

const division: fc.Arbitrary<Division> = fc.oneof(
  fc.record({
    kind: fc.constant("quarter"),
    ticksPerQuarter: fc.integer({ min: 1, max: 0x7fff }),
  }),
  fc.record({
    kind: fc.constant("smpte"),
    framesPerSecond: fc.constantFrom(1, 24, 25, 29, 30, 128),
    ticksPerFrame: fc.integer({ min: 1, max: 255 }),
  }),
);

/** Valid MIDI files of every format, division and kind of event. */
export const midiFiles: fc.Arbitrary<MidiFile> = fc.oneof(
  fc.record({ format: fc.constant(0), division, tracks: fc.tuple(track) }),
  fc.record({
    format: fc.constantFrom(1, 2),
    division,
    tracks: fc.array(track, { minLength: 1, maxLength: 3 }),
  }),
).map((midi) => structuredClone(midi)); // fast-check's records have no prototype
