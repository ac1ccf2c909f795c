/**
 * Events in a form that does not depend on the key: what the memory remembers.
 *
 * @module
 */
import type { Codebook } from "../symbols/codebook.ts";
import { roleOf } from "../symbols/codebook.ts";
import { chordSymbol } from "../symbols/normal_order.ts";
import { pitchName } from "../symbols/pitch_name.ts";
import { isDrum, pitchClassesOf, pitchOf } from "../symbols/transpose.ts";
import type { MusicEvent, MusicSymbol } from "../symbols/types.ts";

/** Token of the end of a piece. */
export const END_TOKEN = 1;

/** A symbol relative to a reference pitch. */
export interface RelativeEvent {
  /** Role of the part. */
  readonly role: number;
  /** A note's distance to the reference, a chord's pitch classes above it, or a drum's symbol. */
  readonly shape: number | string;
  /** In grid units. */
  readonly duration: number;
  /** In grid units. */
  readonly step: number;
}

/** Tokens of relative events, given out in the order in which they are met. */
export class TokenTable {
  readonly #ids = new Map<string, number>();
  readonly #events: RelativeEvent[] = [];

  /**
   * The token of an event after one whose reference pitch is `reference`. The first event of a piece
   * is measured from itself, so that the token does not depend on the key.
   */
  tokenOf(event: MusicEvent, reference = referencePitch(event)): number {
    const { part, symbol, duration, step } = event;
    const relative = { role: roleOf(part), shape: shapeOf(symbol, reference), duration, step };
    const key = `${relative.role} ${typeof relative.shape} ${relative.shape} ${duration} ${step}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#events.length + 2;
      this.#ids.set(key, id);
      this.#events.push(relative);
    }
    return id;
  }

  /** The event of a token other than the start and {@linkcode END_TOKEN}. */
  eventOf(token: number): RelativeEvent {
    return this.#events[token - 2];
  }
}

/** The pitch that an event gives to measure others from: its lowest. */
export function referencePitch(event: MusicEvent): number {
  return event.notes[0].pitch;
}

/**
 * The pitch that the event after this one is measured from. Drums do not move with the key, so after
 * them it is still that of `before`, if there was any.
 */
export function referenceAfter(event: MusicEvent, before?: number): number {
  return before !== undefined && isDrum(event.symbol) ? before : referencePitch(event);
}

/** The symbol that a shape stands for after `reference`; `undefined` if the pitch leaves 0–127. */
export function symbolOfShape(
  shape: RelativeEvent["shape"],
  reference: number,
): MusicSymbol | undefined {
  if (typeof shape === "number") {
    const pitch = reference + shape;
    return pitch >= 0 && pitch <= 127 ? pitchName(pitch) : undefined;
  }
  if (isDrum(shape)) return shape;
  return chordSymbol(shape.split(".").map((each) => (Number(each) + reference) % 12));
}

/** Id of the symbol of a relative event in a codebook, or −1. */
export function relativeSymbolId(
  { role, shape }: RelativeEvent,
  reference: number,
  codebook: Codebook,
): number {
  const symbol = symbolOfShape(shape, reference);
  return symbol === undefined ? -1 : codebook.idOf(role, symbol);
}

function shapeOf(symbol: MusicSymbol, reference: number): RelativeEvent["shape"] {
  const pitch = pitchOf(symbol);
  if (pitch !== undefined) return pitch - reference;
  const classes = pitchClassesOf(symbol);
  if (classes === undefined) return symbol;
  return classes.map((each) => (each - reference % 12 + 12) % 12).sort((a, b) => a - b).join(".");
}
