"""Writes ngram_golden.json: modified Kneser-Ney by the book, slow and plain.

    python3 tests/evaluation/golden/make_ngram_golden.py

Chen & Goodman (1999), interpolated: every count is taken by scanning the list of all n-grams, every
probability straight from the formula. It shares nothing with the program's way of counting.
"""

import json
import math
import pathlib
import random

START, END = "<s>", "</s>"


def ngrams(sequences, order):
    """(context nearest last, word) of length `order`, or shorter if they begin with START."""
    for sequence in sequences:
        tokens = [START, *sequence, END]
        for i in range(1, len(tokens)):
            yield tuple(tokens[max(0, i - order + 1): i + 1])


def count_table(sequences, n, order):
    """Counts of the n-grams of length n: how often, or after how many different tokens."""
    top = list(ngrams(sequences, order))
    if n == order:
        return {g: top.count(g) for g in set(top) if len(g) == n}
    longer = set(ngrams(sequences, n + 1))
    all_n = set(g for g in ngrams(sequences, n) if len(g) == n)
    table = {}
    for g in all_n:
        if g[0] == START:
            table[g] = list(ngrams(sequences, n)).count(g)
        else:
            table[g] = len({h for h in longer if len(h) == n + 1 and h[1:] == g})
    return table


def discounts(table):
    n = [None] + [sum(1 for c in table.values() if c == k) for k in (1, 2, 3, 4)]
    y = n[1] / (n[1] + 2 * n[2]) if n[1] and n[2] else 0.5
    if all(n[1:4]):
        d = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        if all(0 < value < k for k, value in zip((1, 2, 3), d)):
            return d
    return [y, y, y]


def probability(tables, vocabulary_size, context, word):
    """p(word | context), where context holds at most order - 1 tokens, START included."""
    if context is None:
        return 1 / (vocabulary_size + 1)
    shorter = context[1:] if context else None
    p_shorter = probability(tables, vocabulary_size, shorter, word)
    table = tables[len(context) + 1]
    d = discounts(table)
    same = [c for g, c in table.items() if g[:-1] == context]
    if not same:
        return p_shorter
    c = table.get(context + (word,), 0)
    kept = max(0, c - d[min(c, 3) - 1]) if c else 0
    left = sum(d[min(k, 3) - 1] for k in same)
    return (kept + left * p_shorter) / sum(same)


def nll(sequences, held_out, order, vocabulary_size):
    tables = {n: count_table(sequences, n, order) for n in range(1, order + 1)}
    total, count, rows = 0, 0, []
    for sequence in held_out:
        tokens = [START, *sequence]
        for i in range(1, len(tokens)):
            context = tuple(tokens[max(0, i - order + 1): i])
            p = probability(tables, vocabulary_size, context, tokens[i])
            rows.append(p)
            total -= math.log(p)
            count += 1
    return total / count, rows


def random_tune(rng, length, vocabulary_size):
    """A walk with repeated figures, so that some n-grams are frequent and some rare."""
    figures = [[0, 1, 2, 1], [3, 3, 4], [2, 0], [5, 1]]
    tune = []
    while len(tune) < length:
        tune += rng.choice(figures) if rng.random() < 0.7 else [rng.randrange(vocabulary_size)]
    return tune[:length]


def main():
    rng = random.Random(5)
    vocabulary_size = 7
    training = [random_tune(rng, rng.randrange(1, 24), vocabulary_size - 1) for _ in range(14)]
    held_out = [random_tune(rng, 12, vocabulary_size) for _ in range(3)] + [[6, 6, 0]]
    orders = {}
    for order in (1, 2, 3, 4, 6):
        mean, rows = nll(training, held_out, order, vocabulary_size)
        orders[order] = {"nllPerToken": mean, "probabilities": rows}
    golden = dict(
        vocabularySize=vocabulary_size, training=training, heldOut=held_out, orders=orders
    )
    here = pathlib.Path(__file__).parent
    (here / "ngram_golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
