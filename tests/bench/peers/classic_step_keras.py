"""One `train_on_batch` of the classic network in Keras, without and with XLA."""

import numpy as np

from common import CLASSIC, arguments, cores, measure, report
from keras_network import classic, use_threads, versions


def main():
    options = arguments(batch=CLASSIC["batch"], warmups=2, repeats=5, threads=cores())
    use_threads(options.threads)
    rng = np.random.default_rng(1)
    x = rng.random((options.batch, CLASSIC["steps"], 1), dtype="float32")
    targets = rng.integers(0, CLASSIC["vocabulary"], options.batch)
    labels = np.eye(CLASSIC["vocabulary"], dtype="float32")[targets]
    tried = []
    for jit in (False, True):
        network = classic()
        network.compile("adam", "categorical_crossentropy", jit_compile=jit)
        step = lambda: network.train_on_batch(x, labels)
        label = "with XLA" if jit else "without XLA"
        tried.append(
            measure(label, options.threads, step, 1, options.warmups, options.repeats))
    report("classic_step_keras", "step", versions(), tried)


main()
