/**
 * Translates between the events of npm:midi-file and those of this program.
 *
 * @module
 */
import type { MidiEvent as LibraryEvent } from "midi-file";
import { OPAQUE_META } from "./clean_track.ts";
import type { MidiEvent } from "./types.ts";

/** Our form of an event that midi-file read from cleaned bytes. */
export function fromLibrary(event: LibraryEvent, onsetTicks: number): MidiEvent {
  switch (event.type) {
    case "noteOn":
    case "noteOff": {
      const { type, channel, noteNumber, velocity } = event;
      return { onsetTicks, type, channel, pitch: noteNumber, velocity };
    }
    case "noteAftertouch": {
      const { channel, noteNumber, amount } = event;
      return { onsetTicks, type: "polyPressure", channel, pitch: noteNumber, value: amount };
    }
    case "controller": {
      const { channel, controllerType, value } = event;
      return { onsetTicks, type: "controlChange", channel, controller: controllerType, value };
    }
    case "programChange": {
      const { channel, programNumber } = event;
      return { onsetTicks, type: "programChange", channel, program: programNumber };
    }
    case "channelAftertouch": {
      const { channel, amount } = event;
      return { onsetTicks, type: "channelPressure", channel, value: amount };
    }
    case "pitchBend":
      return { onsetTicks, type: "pitchBend", channel: event.channel, value: event.value };
    case "setTempo":
      return {
        onsetTicks,
        type: "tempo",
        microsecondsPerQuarter: event.microsecondsPerBeat,
      };
    case "timeSignature":
      return {
        onsetTicks,
        type: "timeSignature",
        numerator: event.numerator,
        denominator: event.denominator,
        clocksPerClick: event.metronome,
        thirtySecondsPerQuarter: event.thirtyseconds,
      };
    case "keySignature":
      return { onsetTicks, type: "keySignature", fifths: event.key, minor: event.scale === 1 };
    case "endOfTrack":
      return { onsetTicks, type: "endOfTrack" };
    case "sysEx":
      return { onsetTicks, type: "sysEx", status: 0xf0, data: Uint8Array.from(event.data) };
    case "endSysEx":
      return { onsetTicks, type: "sysEx", status: 0xf7, data: Uint8Array.from(event.data) };
    case "unknownMeta": {
      const metaType = event.metatypeByte - OPAQUE_META;
      return { onsetTicks, type: "meta", metaType, data: Uint8Array.from(event.data) };
    }
    default:
      throw new TypeError(`Cannot translate a MIDI event: cleaned bytes have no "${event.type}"`);
  }
}

/** The form of an event that midi-file writes. */
export function toLibrary(event: MidiEvent, deltaTime: number): LibraryEvent {
  switch (event.type) {
    case "noteOn":
    case "noteOff": {
      const { type, channel, pitch, velocity } = event;
      return { deltaTime, type, channel, noteNumber: pitch, velocity };
    }
    case "polyPressure": {
      const { channel, pitch, value } = event;
      return { deltaTime, type: "noteAftertouch", channel, noteNumber: pitch, amount: value };
    }
    case "controlChange": {
      const { channel, controller, value } = event;
      return { deltaTime, type: "controller", channel, controllerType: controller, value };
    }
    case "programChange": {
      const { channel, program } = event;
      return { deltaTime, type: "programChange", channel, programNumber: program };
    }
    case "channelPressure": {
      const { channel, value } = event;
      return { deltaTime, type: "channelAftertouch", channel, amount: value };
    }
    case "pitchBend":
      return { deltaTime, type: "pitchBend", channel: event.channel, value: event.value };
    case "tempo":
      return { deltaTime, type: "setTempo", microsecondsPerBeat: event.microsecondsPerQuarter };
    case "timeSignature":
      return {
        deltaTime,
        type: "timeSignature",
        numerator: event.numerator,
        denominator: event.denominator,
        metronome: event.clocksPerClick,
        thirtyseconds: event.thirtySecondsPerQuarter,
      };
    case "keySignature":
      return { deltaTime, type: "keySignature", key: event.fifths, scale: event.minor ? 1 : 0 };
    case "endOfTrack":
      return { deltaTime, type: "endOfTrack" };
    case "sysEx":
      return { deltaTime, type: event.status === 0xf0 ? "sysEx" : "endSysEx", data: event.data };
    case "meta":
      return {
        deltaTime,
        type: "unknownMeta",
        metatypeByte: event.metaType,
        data: event.data,
      };
  }
}
