#!/usr/bin/env python3
"""Writes what two other MIDI libraries read from the oracle's cases, to compare our reader with.

usage (from the root of the repository; pip install mido==1.3.3 symusic==0.6.0):
    python3 tests/midi/make_golden.py

tests/midi/testdata/mido_events.json    every event by mido: file -> tracks -> "tick type values"
tests/score/testdata/symusic_notes.json every note by symusic: file -> parts -> program, drums, name,
                                        notes as [onset, duration, pitch, velocity] in ticks

Files that a library refuses, and SMPTE files for symusic (it has no ticks for them), are left out.
"""
import json
from pathlib import Path

import mido
import symusic

CASES = sorted(Path('tests/data/oracle/cases').glob('*.mid'))


def describe(message):
    """One message in the words of lib/midi/types.ts."""
    kind = message.type
    if kind == 'note_on':
        name = 'noteOn' if message.velocity > 0 else 'noteOff'
        return f'{name} {message.channel} {message.note} {message.velocity}'
    if kind == 'note_off':
        return f'noteOff {message.channel} {message.note} {message.velocity}'
    if kind == 'program_change':
        return f'programChange {message.channel} {message.program}'
    if kind == 'control_change':
        return f'controlChange {message.channel} {message.control} {message.value}'
    if kind == 'pitchwheel':
        return f'pitchBend {message.channel} {message.pitch}'
    if kind == 'polytouch':
        return f'polyPressure {message.channel} {message.note} {message.value}'
    if kind == 'aftertouch':
        return f'channelPressure {message.channel} {message.value}'
    if kind == 'set_tempo':
        return f'tempo {message.tempo}'
    if kind == 'time_signature':
        return (f'timeSignature {message.numerator} {message.denominator} '
                f'{message.clocks_per_click} {message.notated_32nd_notes_per_beat}')
    if kind == 'key_signature':
        return f'keySignature {message.key}'
    if kind == 'end_of_track':
        return 'endOfTrack'
    if kind == 'sysex':
        return 'sysEx f0 ' + bytes(list(message.data) + [0xF7]).hex()
    raw = message.bytes()
    return f'meta {raw[1]} {bytes(raw[3:]).hex()}'


def events(path):
    tracks = []
    for track in mido.MidiFile(path).tracks:
        now, lines = 0, []
        for message in track:
            now += message.time
            lines.append(f'{now} {describe(message)}')
        tracks.append(lines)
    return tracks


def parts(path):
    return [{
        'program': track.program,
        'drums': track.is_drum,
        'name': track.name,
        'notes': [[n.time, n.duration, n.pitch, n.velocity] for n in track.notes],
    } for track in symusic.Score(path).tracks]


def collect(read):
    found = {}
    for path in CASES:
        try:
            found[path.stem] = read(path)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            print('left out:', path.stem, error)
    return found


def write(path, content):
    Path(path).write_text(json.dumps(content, separators=(',', ':'), ensure_ascii=False)
                          .replace('],"', '],\n"').replace('}],\n', '}],\n') + '\n')


if __name__ == '__main__':
    write('tests/midi/testdata/mido_events.json', collect(events))
    write('tests/score/testdata/symusic_notes.json', collect(parts))
