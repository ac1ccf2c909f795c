/**
 * Divides a part into bars (R5 of the extraction rules).
 *
 * @module
 */
import { CorpusError } from "../../errors.ts";
import { Container, Element } from "./container.ts";
import { type Meter, MeterMap } from "./meters.ts";
import type { GridElement } from "./quantise.ts";
import { toQuarters, type Units } from "./time.ts";

/** A day and more of music in 4/4; damaged files can claim millions of bars. */
const MAX_BARS = 50_000;

/** A bar and where it stands. */
interface Bar {
  readonly start: Units;
  readonly end: Units;
  readonly container: Container;
}

/**
 * A part of bars with the elements in them.
 *
 * @param sequence the elements of the part and its conductor's, in order
 * @param conductorMeters the meters of the conductor; without any, those of the sequence count
 * @throws {CorpusError} if there are more bars than any music has
 */
export function makeBars(
  sequence: readonly GridElement[],
  conductorMeters: readonly Meter[],
): Container {
  const meters = new MeterMap(conductorMeters.length > 0 ? conductorMeters : metersOf(sequence));
  const end = sequence.reduce((last, { onset, duration }) => Math.max(last, onset + duration), 0);
  const part = new Container("part");
  const bars = emptyBars(part, meters, end);
  const late: Element[] = [];
  let current = 0;
  for (const gridElement of sequence) {
    const { kind, onset, duration } = gridElement;
    while (current + 1 < bars.length && bars[current + 1].start <= onset) current++;
    const bar = bars[current];
    const element = new Element(kind, duration, gridElement);
    if (onset >= bar.end) late.push(element);
    else placeInBar(element, onset, bar);
  }
  bars[bars.length - 1].container.changed(); // it is given the final bar line
  if (late.length > 0) placeAtEnd(late, part);
  return part;
}

/** The meters among elements. */
export function metersOf(elements: readonly GridElement[]): Meter[] {
  return elements.filter(({ kind }) => kind === "meter")
    .map(({ onset, barLength = 0 }) => ({ onset, barLength }));
}

/** Bars up to `end`, at least one; the meter of a bar is the one in force at its start (R5.3). */
function emptyBars(part: Container, meters: MeterMap, end: Units): Bar[] {
  const bars: Bar[] = [];
  let start = 0;
  let previous: Meter | undefined;
  do {
    if (bars.length === MAX_BARS) throw tooLong(end);
    const meter = meters.at(start);
    const container = new Container("bar");
    if (meter !== previous) {
      container.insert(0, new Element("meter", 0, { barLength: meter.barLength }));
    }
    part.add(start, container);
    bars.push({ start, end: start + meter.barLength, container });
    start += meter.barLength;
    previous = meter;
  } while (start < end);
  part.changed();
  return bars;
}

/** Puts an element in its bar; a meter that stands on the bar line is there already (R5.4). */
function placeInBar(element: Element, onset: Units, { start, container }: Bar): void {
  container.sort();
  if (element.kind === "meter" && onset === start) return;
  container.insert(onset - start, element, toQuarters(onset) - toQuarters(start));
}

/** Marks and grace notes on the last bar line stand behind the bars, in no bar (R5.5). */
function placeAtEnd(elements: readonly Element[], part: Container): void {
  const end = part.length;
  for (const element of elements) part.insert(end, element);
}

function tooLong(end: Units): CorpusError {
  return new CorpusError(
    `Cannot divide the music into bars: wanted at most ${MAX_BARS} bars, ` +
      `found events up to ${toQuarters(end)} quarters after the start`,
    { hint: "The times in this file are probably damaged; export it again or leave it out." },
  );
}
