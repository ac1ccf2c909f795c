/**
 * The melodic lines of a piece, in which copying is looked for.
 *
 * @module
 */
import type { EventSequence } from "../symbols/types.ts";

/** A note of a line. */
export interface LineNote {
  /** 0–127. */
  readonly pitch: number;
  /** Start in grid units from the start of the piece. */
  readonly onset: number;
  /** Place of its event in the sequence. */
  readonly event: number;
}

/**
 * The top line of each part: at each onset of the part its highest new note. Voices in parts of
 * their own (a chorale, two hands) are lines of their own; drums have no line.
 *
 * @returns one line for each pitched part with notes, each ascending by onset
 */
export function topLines(sequence: EventSequence): LineNote[][] {
  const lines: LineNote[][] = sequence.parts.map(() => []);
  let onset: number = sequence.start;
  sequence.events.forEach(({ part, notes, step }, event) => {
    const line = lines[part];
    const pitch = notes[notes.length - 1].pitch;
    const last = line.at(-1);
    if (last === undefined || last.onset < onset) line.push({ pitch, onset, event });
    else if (last.pitch < pitch) line[line.length - 1] = { pitch, onset, event };
    onset += step;
  });
  return lines.filter((line, part) => line.length > 0 && !sequence.parts[part].drums);
}
