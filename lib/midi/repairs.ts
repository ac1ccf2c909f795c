/**
 * The rules by which the reader repairs a damaged file, and the counter of how often it did.
 *
 * Where music21 reads a damaged file at all, the rule is the one that music21 follows (the "R"
 * numbers in the other modules of this folder are those of the extraction rules in
 * `tests/data/oracle`); where it gives up, the rule is the nearest that keeps what is whole.
 *
 * @module
 */

import type { RepairCounts } from "./types.ts";

/** Every repair rule of the reader, with what it does. */
export const REPAIR_RULES = {
  junkBeforeHeader: "bytes before the header were skipped",
  headerLength: "the header was not 6 bytes long; its first 6 bytes were used",
  unknownFormat: "the format was not 0, 1 or 2; it was read as simultaneous tracks",
  formatZeroTracks: "format 0 with several tracks was read as format 1",
  zeroDivision: "the file did not say what a tick is; 480 ticks a quarter were assumed",
  missingTracks: "there were fewer tracks than the header said; those there were read",
  undeclaredTracks: "there were more tracks than the header said; the others were left out",
  foreignChunk: "a chunk that is not a track was skipped",
  junkBetweenChunks: "bytes between two chunks were skipped",
  trackLength: "the length of a track was wrong; it was read up to the next track",
  truncatedTrack: "the file ended inside a track; what was there was read",
  missingEndOfTrack: "a track had no end; it ends with its last event",
  eventsAfterEndOfTrack: "events after the end of a track were read as part of it",
  unfinishedEvent: "the last event of a track was cut off",
  numberTooLong: "a time or length of more than 28 bits was cut to 28 bits",
  missingStatus: "data without a status byte was read as a note on channel 1",
  dataAfterSysEx: "data after a system exclusive message was read as another one",
  undefinedStatus: "an undefined status byte was skipped, with the time before it",
  misplacedStatus: "a status byte in place of a data byte: the event was skipped",
  dataByteTooLarge: "a data byte above 127 was brought into range",
  metaTypeTooLarge: "a meta event with a type above 127 was left out",
  metaLength: "a meta event of the wrong length was brought to the right one",
  badTempo: "a tempo of no length or of 0 was left out",
  badTimeSignature: "an impossible time signature was left out",
  badKeySignature: "a key signature without its two bytes was left out",
  keySignatureOutOfRange: "a key signature beyond seven accidentals was brought into range",
} as const;

/** The name of a repair rule. */
export type RepairRule = keyof typeof REPAIR_RULES;

/** Counts how often each rule was applied. */
export class RepairCounter<Rule extends string = RepairRule> {
  readonly #counts = new Map<Rule, number>();

  /** Notes that `rule` was applied once more. */
  count(rule: Rule): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
  }

  /** The counts so far; only rules that were applied. */
  counts(): RepairCounts {
    return Object.fromEntries(this.#counts);
  }
}
