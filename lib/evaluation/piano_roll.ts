/**
 * A picture of a piece, to look at what was made.
 *
 * @module
 */
import { type Grid, GRID_PER_QUARTER, type Note, type Part, type Piece } from "../score/types.ts";
import { barsUntil } from "./bars.ts";

/** Pixels a quarter note. */
const QUARTER_WIDTH = 24;
/** Pixels a semitone. */
const PITCH_HEIGHT = 4;
/** Longest row in quarters: about the width of a screen. */
const ROW_QUARTERS = 48;
/** Pixels left of a row, for the names of the octaves. */
const MARGIN = 32;
/** Pixels above a row, for the numbers of the bars; and above all rows, for title and parts. */
const HEADER = 20;
/** Colours of the parts that can be told apart by everybody (Okabe and Ito 2008); drums are grey. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const DRUM_COLOUR = "#777777";
/** Opacity of the softest note, so that it can still be seen. */
const FAINTEST = 0.25;

/**
 * The piano roll of a piece as an SVG file: time to the right in rows of whole bars, pitch upwards,
 * a line at each C, a colour for each part, louder notes darker. Every box of a note has the note's number, counted
 * through all parts, in `data-note`.
 */
export function pianoRollSvg(piece: Piece): string {
  const notes = piece.parts.flatMap((part) => part.notes);
  const end = notes.reduce((end, note) => Math.max(end, note.onset + note.duration), 1);
  const lowest = notes.reduce((low, note) => Math.min(low, note.pitch), notes[0]?.pitch ?? 60) - 1;
  const highest = notes.reduce((high, note) => Math.max(high, note.pitch), lowest + 1) + 1;
  const bars = barsUntil(piece.meters, end);
  const row = rowLength(bars[0].length);
  const rows = Math.ceil(end / row);
  const rowHeight = (highest - lowest + 1) * PITCH_HEIGHT + HEADER;
  const width = MARGIN + x(Math.min(row, end)) + 8;
  const height = HEADER + rows * rowHeight + 8;
  const frame = { lowest, highest, row, rowHeight, end };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    legend(piece),
    ...Array.from({ length: rows }, (_, index) => octaveLines(frame, index)),
    ...bars.map((bar) => barLine(frame, bar)),
    ...piece.parts.map((part, index) => {
      const before = piece.parts.slice(0, index).reduce((sum, { notes }) => sum + notes.length, 0);
      return partNotes(frame, part, colourOf(part, index), before);
    }),
    "</svg>",
    "",
  ].join("\n");
}

/** What every part of the picture is placed by. */
interface Frame {
  readonly lowest: number;
  readonly highest: number;
  /** Length of a row in grid units. */
  readonly row: number;
  /** Height of a row in pixels, bar numbers included. */
  readonly rowHeight: number;
  /** End of the piece in grid units. */
  readonly end: number;
}

/** As many whole bars as fit; a part of a bar where not even one does. */
function rowLength(bar: number): number {
  const longest = ROW_QUARTERS * GRID_PER_QUARTER;
  return bar > longest ? longest : Math.floor(longest / bar) * bar;
}

/** Pixels from the start of a row. */
function x(grid: number): number {
  return round(grid * QUARTER_WIDTH / GRID_PER_QUARTER);
}

/** The upper edge of a pitch in a row. */
function y({ highest, rowHeight }: Frame, row: number, pitch: number): number {
  return HEADER + row * rowHeight + HEADER + (highest - pitch) * PITCH_HEIGHT;
}

/** Two decimals are finer than a screen and keep the file small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function colourOf(part: Part<Grid>, index: number): string {
  return part.drums ? DRUM_COLOUR : COLOURS[index % COLOURS.length];
}

/** The title and the names of the parts in their colours. */
function legend(piece: Piece): string {
  const names = piece.parts.map((part, index) => {
    const name = part.name || (part.drums ? "drums" : `part ${index + 1}`);
    return `<tspan fill="${colourOf(part, index)}" dx="12">${escaped(name)}</tspan>`;
  });
  const title = `<tspan font-weight="bold">${escaped(piece.source)}</tspan>`;
  return `<text x="${MARGIN}" y="14">${title}${names.join("")}</text>`;
}

/** A line below each C of a row, with its name. */
function octaveLines(frame: Frame, row: number): string {
  const lines: string[] = [];
  const right = MARGIN + x(Math.min(frame.row, frame.end - row * frame.row));
  for (let pitch = Math.ceil(frame.lowest / 12) * 12; pitch <= frame.highest; pitch += 12) {
    const bottom = y(frame, row, pitch) + PITCH_HEIGHT;
    lines.push(
      `<path d="M${MARGIN} ${bottom}H${right}" stroke="#dddddd"/>` +
        `<text x="4" y="${bottom}" fill="#777777">C${pitch / 12 - 1}</text>`,
    );
  }
  return lines.join("\n");
}

/** The line at the start of a bar, with its number. */
function barLine(frame: Frame, bar: { number: number; start: number }): string {
  const row = Math.floor(bar.start / frame.row);
  const left = MARGIN + x(bar.start - row * frame.row);
  const top = y(frame, row, frame.highest);
  const bottom = y(frame, row, frame.lowest) + PITCH_HEIGHT;
  return `<path d="M${left} ${top}V${bottom}" stroke="#bbbbbb"/>` +
    `<text x="${left}" y="${top - 3}" fill="#999999" font-size="8">${bar.number}</text>`;
}

/** The notes of a part; a note that reaches into the next row goes on there. */
function partNotes(frame: Frame, part: Part<Grid>, colour: string, before: number): string {
  const boxes = part.notes.flatMap((note, i) => noteBoxes(frame, note, before + i));
  return `<g fill="${colour}">\n${boxes.join("\n")}\n</g>`;
}

function noteBoxes(frame: Frame, note: Note<Grid>, number: number): string[] {
  const boxes: string[] = [];
  const end = note.onset + note.duration;
  const opacity = round(FAINTEST + (1 - FAINTEST) * note.velocity / 127);
  for (let row = Math.floor(note.onset / frame.row); row * frame.row < end; row++) {
    const from = Math.max(note.onset, row * frame.row) - row * frame.row;
    const to = Math.min(end - row * frame.row, frame.row);
    // Half a pixel short, so that repeated notes can be told apart.
    boxes.push(
      `<rect x="${MARGIN + x(from)}" y="${y(frame, row, note.pitch)}" ` +
        `width="${round(Math.max(x(to) - x(from) - 0.5, 0.5))}" height="${PITCH_HEIGHT}" ` +
        `opacity="${opacity}" data-note="${number}"/>`,
    );
  }
  return boxes;
}

/** Text that may stand in XML: without control characters, with its special characters escaped. */
export function escaped(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, " ")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
