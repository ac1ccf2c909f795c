/**
 * "Did you mean": the known word nearest to a mistyped one.
 *
 * @module
 */

/** The one of `words` that `typed` was most likely meant to be, if one is near enough. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const started = typed.length > 2 ? words.find((word) => word.startsWith(typed)) : undefined;
  let best = started;
  let least = started === undefined ? Math.max(1, typed.length * 0.4) : 0;
  for (const word of words) {
    const distance = editDistance(typed, word);
    if (distance < least || (distance === least && best === undefined)) {
      [best, least] = [word, distance];
    }
  }
  return best;
}

/**
 * The least number of letters to insert, delete, replace or swap with their neighbour to get from
 * `a` to `b` (Damerau–Levenshtein distance in its optimal string alignment form).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
