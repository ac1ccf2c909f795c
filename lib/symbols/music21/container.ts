/**
 * Parts, bars and voices as music21's streams behave (R8.1–R8.6 of the extraction rules): they sort
 * themselves when read, and remember their length longer than it is true. Both change the result.
 *
 * @module
 */
import { compareToDouble, toQuarters, type Units } from "./time.ts";

/** What can stand in a bar or voice; a chord is a note with several pitches. */
export type ElementKind = "instrument" | "tempo" | "key" | "meter" | "note" | "rest";

/** What elements can stand in. */
export type ContainerKind = "part" | "bar" | "voice";

/** Order of things at the same onset (music21's class sort order). */
const RANKS: Readonly<Record<ElementKind | ContainerKind, number>> = {
  instrument: -25,
  bar: -20,
  part: -20,
  tempo: 1,
  key: 2,
  meter: 4,
  voice: 5,
  note: 20,
  rest: 20,
};

/** The order of a kind among things at the same onset; grace notes come before other notes. */
export function rankOf(kind: ElementKind | ContainerKind, grace: boolean): number {
  return grace ? RANKS[kind] - 0.5 : RANKS[kind];
}

/** What describes an element besides its kind and length. */
export interface ElementDetails {
  /** Pitches of a note or chord, in file order, repeats kept. */
  readonly pitches?: readonly number[];
  /** Whether the note or chord has a drum in it. */
  readonly unpitched?: boolean;
  /** Length of the bars of a meter. */
  readonly barLength?: Units;
}

/** A note, chord, rest or mark. */
export class Element {
  /** What it is. */
  readonly kind: ElementKind;
  /** Its place among things at the same onset. */
  readonly rank: number;
  /** Pitches of a note or chord, in file order, repeats kept. */
  readonly pitches: readonly number[];
  /** Whether the note or chord has a drum in it. */
  readonly unpitched: boolean;
  /** Length of the bars of a meter, 0 for all else. */
  readonly barLength: Units;
  /** The containers that hold it. */
  readonly homes: Container[] = [];
  #duration: Units;

  /** A note without length is a grace note. */
  constructor(kind: ElementKind, duration: Units, details: ElementDetails = {}) {
    this.kind = kind;
    this.rank = rankOf(kind, kind === "note" && duration === 0);
    this.pitches = details.pitches ?? [];
    this.unpitched = details.unpitched ?? false;
    this.barLength = details.barLength ?? 0;
    this.#duration = duration;
  }

  /** How long it lasts; 0 for marks and grace notes. */
  get length(): Units {
    return this.#duration;
  }

  /** The same note or rest with another length, in no container. */
  withDuration(duration: Units): Element {
    return new Element(this.kind, duration, this);
  }

  /** Shortens it and tells its containers, unless it is a pitched chord: those tell nobody (R8.6). */
  cut(duration: Units): void {
    this.#duration = duration;
    const isPitchedChord = this.pitches.length > 1 && !this.unpitched;
    if (!isPitchedChord) { for (const home of this.homes) home.changed(); }
  }
}

/** Something in a container. */
export interface Entry<Item> {
  /** Where it starts, from the start of the container. */
  readonly onset: Units;
  /** What it is. */
  readonly item: Item;
}

/** An entry with its insertion number, which settles the order of equals. */
interface NumberedEntry extends Entry<Element | Container> {
  readonly serial: number;
}

/** A part (of bars), a bar (of elements and voices) or a voice (of elements). */
export class Container {
  /** What it is. */
  readonly kind: ContainerKind;
  /** Its place among things at the same onset. */
  readonly rank: number;
  /** The containers that hold it. */
  readonly homes: Container[] = [];
  #entries: NumberedEntry[] = [];
  #insertions = 0;
  #sorted = true;
  /** The length when it was last asked for, unless something that tells has changed since. */
  #memo: Units | undefined;

  /** An empty container. */
  constructor(kind: ContainerKind) {
    this.kind = kind;
    this.rank = rankOf(kind, false);
  }

  /** Number of things in it. */
  get size(): number {
    return this.#entries.length;
  }

  /** The end of what ends last, as remembered (R8.2). */
  get length(): Units {
    if (this.#memo === undefined) {
      let end = 0;
      for (const { onset, item } of this.#entries) end = Math.max(end, onset + item.length);
      this.#memo = end;
    }
    return this.#memo;
  }

  /** The earliest onset, 0 if empty. Does not count as reading. */
  get start(): Units {
    if (this.#entries.length === 0) return 0;
    return this.#entries.reduce((first, { onset }) => Math.min(first, onset), Infinity);
  }

  /** Forgets the length, here and in what holds this (R8.3). */
  changed(clearSorted = true): void {
    for (const home of this.homes) home.changed();
    if (clearSorted) this.#sorted = false;
    this.#memo = undefined;
  }

  /** Puts something in without saying that this has changed (R7.6). */
  add(onset: Units, item: Element | Container): void {
    this.#entries.push({ onset, item, serial: this.#insertions++ });
    item.homes.push(this);
  }

  /**
   * Puts something in; it stays known that all is in order if this comes last (R8.4).
   *
   * @param quarters the onset as the double that music21 has for it
   */
  insert(onset: Units, item: Element | Container, quarters = toQuarters(onset)): void {
    this.#place(onset, item, this.#sorted && this.#compareToLast(onset, item, quarters) < 0);
  }

  /**
   * Puts something in and takes it out of another container. What was moved has lost its insertion
   * number when music21 compares it with the next, so equals (grace notes) count as in order.
   */
  moveFrom(other: Container, { onset, item }: Entry<Element>): void {
    const order = this.#sorted ? this.#compareToLast(onset, item, toQuarters(onset)) : 1;
    this.#place(onset, item, order <= 0);
    other.remove(item);
  }

  /** Takes something out (R8.5). */
  remove(item: Element | Container): void {
    this.#entries.splice(this.#entries.findIndex((entry) => entry.item === item), 1);
    item.homes.splice(item.homes.indexOf(this), 1);
    this.changed(false);
  }

  /** Puts things in order if need be (R8.5). */
  sort(): void {
    if (this.#sorted) return;
    this.#entries.sort((a, b) =>
      a.onset - b.onset || a.item.rank - b.item.rank || a.serial - b.serial
    );
    this.changed(false);
    this.#sorted = true;
  }

  /** All that is in it now, in order (R8.1, R8.5). */
  read(): Entry<Element | Container>[] {
    this.sort();
    return this.#entries.slice();
  }

  /** The elements of the given kinds, in order. */
  elements(...kinds: ElementKind[]): Entry<Element>[] {
    this.sort();
    return this.#entries.filter((entry): entry is NumberedEntry & Entry<Element> =>
      entry.item instanceof Element && kinds.includes(entry.item.kind)
    );
  }

  /** The containers in it, in order: the bars of a part, the voices of a bar. */
  containers(): Entry<Container>[] {
    this.sort();
    return this.#entries.filter((entry): entry is NumberedEntry & Entry<Container> =>
      entry.item instanceof Container
    );
  }

  /** Gives entries other onsets; nothing else changes. */
  move(onsetOf: (entry: Entry<Element | Container>) => Units): void {
    this.#entries = this.#entries.map((entry) => ({ ...entry, onset: onsetOf(entry) }));
    this.changed();
  }

  #place(onset: Units, item: Element | Container, inOrder: boolean): void {
    this.add(onset, item);
    this.changed();
    this.#sorted = inOrder;
  }

  /** Negative if all here comes before something new, as far as music21 can tell. */
  #compareToLast(onset: Units, item: Element | Container, quarters: number): number {
    const order = compareToDouble(this.length, quarters);
    if (order !== 0) return order;
    const last = this.#entries.at(-1);
    return last === undefined ? -1 : last.onset - onset || last.item.rank - item.rank;
  }
}
