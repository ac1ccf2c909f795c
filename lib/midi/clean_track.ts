/**
 * Rewrites the bytes of one track so that every event is whole and in range and has its own status
 * byte. What comes out is valid for any reader; what goes in may be damaged in any way.
 *
 * @module
 */
import { ByteWriter, MAX_VARIABLE_LENGTH } from "./bytes.ts";
import type { RepairCounter } from "./repairs.ts";

/** Type bytes of the meta events that the program understands. */
export const META = { endOfTrack: 0x2f, tempo: 0x51, timeSignature: 0x58, keySignature: 0x59 };

/**
 * Added to the type of every other meta event in cleaned bytes. MIDI has no types above 127, so
 * midi-file hands these over untouched instead of taking them apart (and, for some lengths, failing).
 */
export const OPAQUE_META = 0x80;

const NOTE_ON = 0x90;
const SYSEX = 0xf0;
const SYSEX_CONTINUED = 0xf7;
const META_STATUS = 0xff;

/**
 * The events of one track, cleaned: no running status, no data byte above 127, tempo, meter and key
 * of exactly the right length, one end-of-track at the end. Applies rules R1.4 to R1.10.
 */
export function cleanTrack(bytes: Uint8Array, repairs: RepairCounter): Uint8Array {
  return new TrackCleaner(bytes, repairs).clean();
}

/** Reads one track event by event; `position` is the next byte. */
class TrackCleaner {
  readonly #input: Uint8Array;
  readonly #repairs: RepairCounter;
  readonly #output: ByteWriter;
  #position = 0;
  /** Status byte for data without one; 0 when there was none yet. */
  #running = 0;
  /** Ticks since the last event written. */
  #waiting = 0;
  #ended = false;
  #eventsAfterEnd = false;

  constructor(input: Uint8Array, repairs: RepairCounter) {
    this.#input = input;
    this.#repairs = repairs;
    // An event grows by its status byte, and the last one by a missing data byte.
    this.#output = new ByteWriter(2 * input.length + 16);
  }

  clean(): Uint8Array {
    while (this.#position < this.#input.length) {
      const delta = this.#readNumber();
      if (delta === undefined || this.#input.length - this.#position < 2) {
        this.#repairs.count("unfinishedEvent"); // R1.9
        break;
      }
      this.#readEvent(delta);
    }
    if (!this.#ended) this.#repairs.count("missingEndOfTrack");
    if (this.#eventsAfterEnd) this.#repairs.count("eventsAfterEndOfTrack");
    this.#begin(META_STATUS);
    this.#output.bytes([META.endOfTrack, 0]);
    return this.#output.written();
  }

  /** Reads the event after a delta time, or skips it and loses the delta time (R1.7). */
  #readEvent(delta: number): void {
    const start = this.#position;
    const status = this.#readStatus();
    const kind = status >> 4;
    if (kind === 0xc || kind === 0xd) {
      if (this.#input[this.#position] > 127) return this.#skip(start, "misplacedStatus");
    } else if (kind === 0xf && !isSystemEvent(status)) return this.#skip(start, "undefinedStatus");
    if (status !== META_STATUS) this.#running = status;
    if (this.#ended) this.#eventsAfterEnd = true;
    this.#waiting += delta;
    if (status === META_STATUS) this.#readMeta();
    else if (kind === 0xf) this.#readSysEx(status);
    else this.#readChannelEvent(status);
  }

  /** The status byte of the event at the current position, or the running status (R1.5). */
  #readStatus(): number {
    const first = this.#input[this.#position];
    if (first >= 0x80) {
      this.#position++;
      return first;
    }
    if (this.#running === 0) {
      this.#repairs.count("missingStatus");
      return NOTE_ON;
    }
    if (this.#running >= SYSEX) this.#repairs.count("dataAfterSysEx");
    return this.#running;
  }

  #skip(start: number, rule: "undefinedStatus" | "misplacedStatus"): void {
    this.#repairs.count(rule);
    this.#position = start;
  }

  #readChannelEvent(status: number): void {
    const kind = status >> 4;
    const isKey = kind < 0xb;
    this.#begin(status);
    this.#output.byte(this.#readDataByte(isKey));
    if (kind !== 0xc && kind !== 0xd) this.#output.byte(this.#readDataByte(false));
  }

  /** A data byte, brought into range; 0 where the track has ended (R1.6). */
  #readDataByte(isKey: boolean): number {
    if (this.#position >= this.#input.length) {
      this.#repairs.count("unfinishedEvent");
      return 0;
    }
    const value = this.#input[this.#position++];
    if (value <= 127) return value;
    this.#repairs.count("dataByteTooLarge");
    return isKey ? foldPitch(value) : 127;
  }

  #readSysEx(status: number): void {
    const data = this.#readData();
    if (data === undefined) return;
    this.#begin(status);
    this.#writeSized(data);
  }

  #readMeta(): void {
    const type = this.#input[this.#position++];
    const data = this.#readData();
    if (data === undefined) return;
    if (type === META.endOfTrack) {
      if (data.length !== 0) this.#repairs.count("metaLength");
      this.#ended = true;
    } else if (type === META.tempo) this.#writeTempo(data);
    else if (type === META.timeSignature) this.#writeTimeSignature(data);
    else if (type === META.keySignature) this.#writeKeySignature(data);
    else if (type > 127) this.#repairs.count("metaTypeTooLarge");
    else {
      this.#beginMeta(type | OPAQUE_META);
      this.#writeSized(data);
    }
  }

  #writeTempo(data: Uint8Array): void {
    if (data.length < 3 || (data[0] | data[1] | data[2]) === 0) {
      return this.#repairs.count("badTempo");
    }
    if (data.length > 3) this.#repairs.count("metaLength");
    this.#beginMeta(META.tempo);
    this.#writeSized(data.subarray(0, 3));
  }

  #writeTimeSignature(data: Uint8Array): void {
    if (data.length < 2 || data[0] === 0 || data[1] > 7) {
      return this.#repairs.count("badTimeSignature");
    }
    const [numerator, exponent, clocks = 24, thirtySeconds = 8] = data;
    if (data.length !== 4 || thirtySeconds === 0) this.#repairs.count("metaLength");
    this.#beginMeta(META.timeSignature);
    this.#writeSized([numerator, exponent, clocks, thirtySeconds || 8]);
  }

  #writeKeySignature(data: Uint8Array): void {
    if (data.length < 2) return this.#repairs.count("badKeySignature");
    if (data.length > 2) this.#repairs.count("metaLength");
    const signed = data[0] << 24 >> 24;
    const fifths = Math.max(-7, Math.min(7, signed));
    if (fifths !== signed || data[1] > 1) this.#repairs.count("keySignatureOutOfRange");
    this.#beginMeta(META.keySignature);
    this.#writeSized([fifths & 0xff, data[1] === 1 ? 1 : 0]);
  }

  /** Starts an event with the time since the one before and its status byte. */
  #begin(status: number): void {
    this.#output.variableLength(this.#inRange(this.#waiting));
    this.#output.byte(status);
    this.#waiting = 0;
  }

  #beginMeta(type: number): void {
    this.#begin(META_STATUS);
    this.#output.byte(type);
  }

  #writeSized(data: ArrayLike<number>): void {
    this.#output.variableLength(data.length);
    this.#output.bytes(data);
  }

  /** A length and that many bytes, or those that there are; `undefined` without a whole length. */
  #readData(): Uint8Array | undefined {
    const length = this.#readNumber();
    const start = this.#position;
    if (length === undefined || start + length > this.#input.length) {
      this.#repairs.count("unfinishedEvent");
    }
    if (length === undefined) return undefined;
    this.#position = Math.min(start + length, this.#input.length);
    return this.#input.subarray(start, this.#position);
  }

  /** A variable-length number (R1.4), or `undefined` where the track ends in it. */
  #readNumber(): number | undefined {
    let value = 0;
    while (this.#position < this.#input.length) {
      const byte = this.#input[this.#position++];
      value = Math.min(value * 128 + (byte & 0x7f), Number.MAX_SAFE_INTEGER);
      if (byte < 0x80) return this.#inRange(value);
    }
    return undefined;
  }

  #inRange(value: number): number {
    if (value <= MAX_VARIABLE_LENGTH) return value;
    this.#repairs.count("numberTooLong");
    return MAX_VARIABLE_LENGTH;
  }
}

/** Whether a status byte from 0xF0 up begins an event that a file may hold. */
function isSystemEvent(status: number): boolean {
  return status === SYSEX || status === SYSEX_CONTINUED || status === META_STATUS;
}

/** The pitch that stands for a data byte above 127 (R10.2): 115 to 126, of the same pitch class. */
function foldPitch(value: number): number {
  const folded = 108 + value % 12;
  return folded < 115 ? folded + 12 : folded;
}
