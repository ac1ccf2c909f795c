/**
 * The rules for note-ons and note-offs that do not come in pairs.
 *
 * @module
 */

/** Every rule of {@linkcode toPiece}, with what it does. */
export const PAIRING_RULES = {
  unmatchedNoteOn: "a note without an end was left out",
  unmatchedNoteOff: "an end without a note was ignored",
  overlappingNote: "a pitch was struck again while it sounded; each end belongs to the oldest note",
  zeroLengthNote: "a note of no length got the length of one tick",
} as const;

/** The name of a pairing rule. */
export type PairingRule = keyof typeof PAIRING_RULES;
