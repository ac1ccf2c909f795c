"""Writes muspy_golden.json: metrics of small pieces by MusPy itself.

    pip install muspy==0.5.0
    python3 tests/evaluation/golden/make_muspy_golden.py

Two kinds of pieces: made here at random (their notes are in the JSON), and files of the oracle's
cases, read by MusPy and brought to 48 steps a quarter. None becomes null.
"""

import json
import math
import pathlib
import random

import muspy

RESOLUTION = 48
HERE = pathlib.Path(__file__).parent
CASES = HERE.parent.parent / "data" / "oracle" / "cases"
# Files on the grid with a single meter that MusPy reads as it should: no unmatched or repeated
# note-ons, no SMPTE division.
FILES = [
    "01_format0", "02_format1_conductor", "03_running_status", "04_velocity0_off", "10_triplets",
    "13_held_across_bars", "14_duplicate_pitch_class", "16_percussion", "18_two_parts",
    "19a_programs", "20_tempo_changes", "25_pitch_extremes", "34_symmetric_chords",
    "35_key_and_spelling", "40_32nd_run",
]


def metrics(music):
    meter = (music.time_signatures or [muspy.TimeSignature(0, 4, 4)])[0]
    bar = RESOLUTION * 4 * meter.numerator // meter.denominator
    key = music.key_signatures[0] if music.key_signatures else None
    values = dict(
        pitchRange=muspy.pitch_range(music),
        pitchesUsed=muspy.n_pitches_used(music),
        pitchClassesUsed=muspy.n_pitch_classes_used(music),
        polyphony=muspy.polyphony(music),
        polyphonyRate=muspy.polyphony_rate(music),
        pitchInScaleRate=(
            muspy.pitch_in_scale_rate(music, key.root, key.mode) if key else math.nan
        ),
        scaleConsistency=muspy.scale_consistency(music),
        pitchEntropy=muspy.pitch_entropy(music),
        pitchClassEntropy=muspy.pitch_class_entropy(music),
        emptyBeatRate=muspy.empty_beat_rate(music),
        emptyMeasureRate=muspy.empty_measure_rate(music, bar),
        grooveConsistency=muspy.groove_consistency(music, bar),
        drumPatternConsistency=muspy.drum_pattern_consistency(music),
    )
    return {
        name: None if math.isnan(value) else float(value) for name, value in values.items()
    }


# Tonics of the major keys by number of fifths, -7 to 7.
ROOTS = {fifths: 7 * fifths % 12 for fifths in range(-7, 8)}


def random_piece(rng, meter, fifths, minor, drums, silence=0):
    """Tracks of notes [pitch, velocity, onset, duration] with rests, overlaps and unisons.

    From the fourth bar on everything is `silence` bars later.
    """
    bar = RESOLUTION * 4 * meter[0] // meter[1]
    tracks = []
    for is_drum in ([False, False, True] if drums else [False, False]):
        notes = []
        for _ in range(rng.randrange(8, 40)):
            onset = rng.randrange(6 * bar // 8) * 8
            if rng.random() < 0.6:
                onset -= onset % 12
            if is_drum and rng.random() < 0.5:
                onset += 5
            if onset >= 3 * bar:
                onset += silence * bar
            pitch = rng.choice([35, 36, 38, 42]) if is_drum else rng.randrange(48, 80)
            notes.append([pitch, rng.randrange(1, 128), onset, rng.choice([8, 12, 24, 48, 150])])
        notes.sort(key=lambda note: (note[2], note[0], note[3]))
        tracks.append(dict(drums=is_drum, notes=notes))
    music = muspy.Music(
        resolution=RESOLUTION,
        time_signatures=[muspy.TimeSignature(0, *meter)],
        key_signatures=[muspy.KeySignature(
            0, root=(ROOTS[fifths] + (9 if minor else 0)) % 12, mode="minor" if minor else "major"
        )],
        tracks=[
            muspy.Track(0, track["drums"], notes=[
                muspy.Note(onset, pitch, duration, velocity)
                for pitch, velocity, onset, duration in track["notes"]
            ])
            for track in tracks
        ],
    )
    return dict(meter=meter, fifths=fifths, minor=minor, tracks=tracks, metrics=metrics(music))


def main():
    rng = random.Random(11)
    made = [
        random_piece(rng, [4, 4], 0, False, True),
        random_piece(rng, [3, 4], -3, True, False),
        random_piece(rng, [6, 8], 5, False, True),
        random_piece(rng, [5, 8], 7, True, False),
        random_piece(rng, [2, 2], -7, False, False),
        random_piece(rng, [3, 4], 2, False, True, silence=4),
        random_piece(rng, [4, 4], -1, True, False, silence=7),
    ]
    files = []
    for name in FILES:
        music = muspy.read_midi(str(CASES / f"{name}.mid"))
        music.adjust_resolution(RESOLUTION)
        files.append(dict(file=f"{name}.mid", metrics=metrics(music)))
    golden = json.dumps(dict(made=made, files=files))
    (HERE / "muspy_golden.json").write_text(golden + "\n")


main()
