/**
 * For tests: MIDI files from annotated hex dumps, and events as lines of text.
 *
 * @module
 */
import type { MidiEvent, MidiFile } from "../../lib/midi/types.ts";

/** The bytes of a dump of hex pairs and "quoted" ASCII; what follows a `#` is a comment. */
export function hex(dump: string): Uint8Array<ArrayBuffer> {
  const words = dump.replace(/#.*$/gm, "").match(/"[^"]*"|[^\s"]+/g) ?? [];
  return Uint8Array.from(words.flatMap((word) => {
    if (word.startsWith('"')) return [...word.slice(1, -1)].map((char) => char.charCodeAt(0));
    if (!/^([0-9a-f]{2})+$/.test(word)) throw new SyntaxError(`not hex: ${word}`);
    return word.match(/../g)!.map((pair) => parseInt(pair, 16));
  }));
}

/** A chunk with its true length. */
export function chunk(name: string, dump: string): string {
  const length = hex(dump).length.toString(16).padStart(8, "0");
  return `"${name}" ${length} ${dump}\n`;
}

/** A file whose header (format, count, division) is true; each dump is one track's events. */
export function file(...tracks: string[]): Uint8Array<ArrayBuffer> {
  const count = tracks.length.toString(16).padStart(4, "0");
  const header = chunk("MThd", `000${tracks.length > 1 ? 1 : 0} ${count} 0060`);
  return hex(header + tracks.map((track) => chunk("MTrk", track)).join(""));
}

/** The events of each track, one string an event: `"480 noteOn 0 60 80"`. */
export function lines(midi: MidiFile): string[][] {
  return midi.tracks.map(({ events }) => events.map(line));
}

function line(event: MidiEvent): string {
  const { onsetTicks, type, ...values } = event;
  const words = Object.values(values).map((value) =>
    value instanceof Uint8Array ? value.toHex() : value
  );
  return [onsetTicks, type, ...words].join(" ");
}
