"""What the peer scripts share: the network's sizes, the clock, and the one line they print."""

import argparse
import json
import os
import platform
import statistics
import time

# The classic network: LSTM 512, LSTM 256, dense 256 over 114 symbols, 128 windows of 50.
CLASSIC = dict(batch=128, steps=50, units=(512, 256), dense=256, vocabulary=114, dropout=0.3)

# The every-step network of the engine's throughput figure.
EVERY_STEP = dict(batch=32, steps=64, embedding=128, units=(256, 256), dense=256, vocabulary=256,
                  dropout=0.3)


def arguments(**defaults):
    """Whole-number command-line options with these defaults."""
    parser = argparse.ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


def cores():
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def measure(label, threads, run, units, warmups, repeats):
    """Times run, which does `units` units of work, after some untimed turns."""
    for _ in range(warmups):
        run()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append((time.perf_counter() - start) / units)
    return dict(label=label, threads=threads, repeats=repeats, secondsMinimum=min(seconds),
                secondsMedian=statistics.median(seconds))


def report(name, unit, versions, tried):
    """Prints the result as one JSON line; the best is the one with the lowest median."""
    best = min(tried, key=lambda trial: trial["secondsMedian"])
    versions = dict(python=platform.python_version()) | versions
    print(json.dumps(dict(name=name, unit=unit, versions=versions, best=best, tried=tried)))
