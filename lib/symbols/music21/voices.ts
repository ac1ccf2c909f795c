/**
 * Spreads the overlapping notes of a bar over voices (R6 of the extraction rules).
 *
 * @module
 */
import { Container, type Element, type Entry } from "./container.ts";
import type { Units } from "./time.ts";

/** Moves the notes of a bar into voices if enough of them overlap. */
export function separateVoices(bar: Container): void {
  const notes = bar.elements("note");
  const voiceCount = largestGroup(notes);
  if (voiceCount < 2) return;
  const voices = Array.from({ length: voiceCount }, () => new Container("voice"));
  for (const note of notes) {
    // Enough voices were counted; music21 would lose a note for which none is free.
    voices.find((voice) => voice.length <= note.onset)?.moveFrom(bar, note);
  }
  for (const voice of voices) if (voice.size > 0) bar.insert(0, voice);
}

/** For each note the notes that overlap it, as far as music21 looks for them (R6.2). */
function findOverlaps(notes: readonly Entry<Element>[]): number[][] {
  const overlaps: number[][] = notes.map(() => []);
  for (let i = 0; i < notes.length; i++) {
    for (let j = i + 1; j < notes.length && overlap(notes[i], notes[j]); j++) {
      overlaps[i].push(j);
      overlaps[j].push(i);
    }
  }
  return overlaps;
}

/** Whether the one that starts first, or of two that start together ends first, ends too late. */
function overlap(a: Entry<Element>, b: Entry<Element>): boolean {
  const endOfA = a.onset + a.item.length;
  const endOfB = b.onset + b.item.length;
  const aFirst = a.onset < b.onset || (a.onset === b.onset && endOfA <= endOfB);
  return aFirst ? b.onset < endOfA : a.onset < endOfB;
}

/** Size of the largest group of overlapping notes; groups go by the onset they began with (R6.3). */
function largestGroup(notes: readonly Entry<Element>[]): number {
  const groupOf = new Map<number, Units>();
  const sizes = new Map<Units, number>();
  const join = (note: number, group: Units) => {
    groupOf.set(note, group);
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
  };
  for (const [i, others] of findOverlaps(notes).entries()) {
    if (others.length === 0) continue;
    let group: Units | undefined;
    for (const other of others) {
      const existing = groupOf.get(other);
      if (existing !== undefined) group = existing;
      else join(other, group ??= notes[i].onset);
    }
    if (!groupOf.has(i)) join(i, group ?? notes[i].onset);
  }
  return Math.max(0, ...sizes.values());
}
