/**
 * Names of pitches, as music21 spells them.
 *
 * @module
 */

/** music21's spelling of the twelve pitch classes: two flats, three sharps, whatever the key. */
const STEP_NAMES = ["C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B"] as const;

/**
 * The name of a pitch: step, accidental (`#` sharp, `-` flat) and octave, such as `C4` for 60.
 *
 * Octave −1 is written with the same minus sign as a flat, so that 4 and 27 are both `E-1`, and 11
 * and 34 both `B-1`; this is music21 10.5.0's `str(pitch)` for pitches read from MIDI.
 *
 * @param pitch MIDI key, an integer 0–127
 * @throws {RangeError} if `pitch` is not an integer from 0 to 127
 */
export function pitchName(pitch: number): string {
  if (!Number.isInteger(pitch) || pitch < 0 || pitch > 127) {
    throw new RangeError(`Cannot name a pitch: wanted an integer from 0 to 127, found ${pitch}`);
  }
  return STEP_NAMES[pitch % 12] + (Math.floor(pitch / 12) - 1);
}
