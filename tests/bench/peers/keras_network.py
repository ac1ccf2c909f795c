"""The classic network in Keras on TensorFlow's CPU kernels."""

import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import tensorflow as tf
from keras import layers

from common import CLASSIC


def classic():
    """LSTM, dropout, LSTM, dropout, dense (linear), softmax, as the seed system's script builds it."""
    return keras.Sequential([
        keras.Input((CLASSIC["steps"], 1)),
        layers.LSTM(CLASSIC["units"][0], return_sequences=True),
        layers.Dropout(CLASSIC["dropout"]),
        layers.LSTM(CLASSIC["units"][1]),
        layers.Dropout(CLASSIC["dropout"]),
        layers.Dense(CLASSIC["dense"]),
        layers.Dense(CLASSIC["vocabulary"]),
        layers.Activation("softmax"),
    ])


def use_threads(threads):
    """Before anything else is computed: how many threads TensorFlow may use."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    keras.utils.set_random_seed(1)


def versions():
    return dict(keras=keras.__version__, tensorflow=tf.__version__)
