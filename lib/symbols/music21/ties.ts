/**
 * Cuts notes and rests that go over bar lines (R7 of the extraction rules).
 *
 * @module
 */
import { Container, type ElementKind, type Entry } from "./container.ts";
import { type Meter, MeterMap } from "./meters.ts";

/** Cuts all elements of the given kinds at the bar lines; each piece is an element of its own. */
export function cutAtBarLines(part: Container, kinds: readonly ElementKind[]): void {
  const meters = readMeters(part);
  const bars = part.containers();
  // Cutting in the last bar adds one, so the length is looked at again each time.
  for (let i = 0; i < bars.length; i++) cutBar(part, bars, i, meters, kinds);
  for (const { item: bar } of bars) flattenVoices(bar);
}

/** All meters now in the part; looking at them reads bars and voices (R7.1). */
function readMeters(part: Container): MeterMap {
  const meters: Meter[] = [];
  for (const { onset: start, item } of part.read()) {
    if (item instanceof Container) {
      for (const { onset, item: inner } of item.read()) {
        if (inner instanceof Container) inner.sort();
        else if (inner.kind === "meter") {
          meters.push({ onset: start + onset, barLength: inner.barLength });
        }
      }
    } else if (item.kind === "meter") meters.push({ onset: start, barLength: item.barLength });
  }
  return new MeterMap(meters);
}

/**
 * Cuts what goes over the end of one bar and hands the rest to the next, which is made if need be.
 * If the bar has voices, what stands beside them is not cut (R7.2).
 */
function cutBar(
  part: Container,
  bars: Entry<Container>[],
  index: number,
  meters: MeterMap,
  kinds: readonly ElementKind[],
): void {
  const { onset: start, item: bar } = bars[index];
  const barLength = meters.at(start).barLength;
  const next = bars[index + 1]?.item ?? new Container("bar");
  const nextHasVoices = next.containers().length > 0;
  const voices = bar.containers().map(({ item }) => item);
  for (const container of voices.length > 0 ? voices : [bar]) {
    for (const { onset, item } of container.elements(...kinds)) {
      const end = onset + item.length;
      if (onset >= barLength || end <= barLength) continue;
      item.cut(barLength - onset);
      const destination = findDestination(next, nextHasVoices, voices.length > 0);
      destination.insert(0, item.withDuration(end - barLength));
      if (index + 1 === bars.length) {
        const onset = start + barLength;
        part.insert(onset, next);
        bars.push({ onset, item: next });
      }
    }
  }
}

/** Where in the next bar the rest of a cut note goes (R7.4). */
function findDestination(next: Container, nextHasVoices: boolean, hasVoices: boolean): Container {
  if (nextHasVoices) return hasVoices ? next : next.containers()[0].item;
  if (!hasVoices) return next;
  const voice = new Container("voice");
  for (const entry of next.elements("note", "rest")) voice.moveFrom(next, entry);
  next.insert(0, voice);
  return next.containers()[0].item;
}

/** Takes out empty voices, and the last voice if it is the only one (R7.6). */
function flattenVoices(bar: Container): void {
  const voices = bar.containers().map(({ item }) => item);
  for (const voice of voices) if (voice.size === 0) bar.remove(voice);
  const full = voices.filter(({ size }) => size > 0);
  if (full.length !== 1) return;
  const [voice] = full;
  for (const { onset, item } of voice.read()) bar.add(onset, item);
  bar.remove(voice);
  bar.changed();
}
