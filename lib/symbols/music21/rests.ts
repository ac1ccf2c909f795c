/**
 * Fills bars with rests and lines the bars up (R8.8–R8.10 of the extraction rules). Rests give no
 * symbols; what counts is that a bar longer than its meter moves all bars after it.
 *
 * @module
 */
import { type Container, Element, type Entry } from "./container.ts";
import { cutAtBarLines } from "./ties.ts";
import type { Units } from "./time.ts";

/** Fills all bars of a part and puts each where the one before it ends. */
export function fillWithRests(part: Container): void {
  let barLength = 0;
  for (const { item: bar } of part.containers()) {
    const meter = bar.elements("meter").find(({ onset }) => onset === 0);
    if (meter !== undefined) barLength = meter.item.barLength;
    for (const { item: voice } of bar.containers()) fillContainer(voice, barLength);
    fillContainer(bar, barLength);
  }
  cutAtBarLines(part, ["rest"]);
  lineUpBars(part);
}

/** Puts rests before, between and after what is in a voice or bar (R8.8). */
function fillContainer(container: Container, barLength: Units): void {
  const start = container.start;
  const end = container.length;
  if (start > 0) container.insert(0, new Element("rest", start));
  if (barLength > end) container.insert(end, new Element("rest", barLength - end));
  for (const { onset, duration } of findGaps(container.read())) {
    container.insert(onset, new Element("rest", duration));
  }
}

/** The stretches in which nothing lasts. */
function findGaps(
  entries: readonly Entry<Element | Container>[],
): { onset: Units; duration: Units }[] {
  const gaps = [];
  let end = 0;
  for (const { onset, item } of entries) {
    if (onset > end) gaps.push({ onset: end, duration: onset - end });
    end = Math.max(end, onset + item.length);
  }
  return gaps;
}

/** Places each bar where the lengths of those before it add up to (R8.10). */
function lineUpBars(part: Container): void {
  const starts = new Map<Element | Container, Units>();
  let start = 0;
  for (const { item: bar } of part.containers()) {
    starts.set(bar, start);
    start += bar.length;
  }
  part.move(({ onset, item }) => starts.get(item) ?? onset);
}
