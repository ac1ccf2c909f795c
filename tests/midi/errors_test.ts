import assert from "node:assert/strict";
import { MidiError } from "../../lib/errors.ts";
import { readMidi } from "../../lib/midi/read.ts";
import { chunk, hex } from "./dumps.ts";

/** The error that reading `bytes` as `song.mid` throws. */
function errorOf(bytes: Uint8Array): MidiError {
  try {
    readMidi(bytes, "song.mid");
  } catch (error) {
    assert.ok(error instanceof MidiError);
    assert.equal(error.details.source, "song.mid");
    assert.match(error.details.hint ?? "", /^[A-Z].*\.$/);
    return error;
  }
  assert.fail("wanted a MidiError");
}

Deno.test("readMidi says what a file is that is not MIDI", () => {
  const cases: [string, RegExp, RegExp][] = [
    [`"PK" 03 04 14 00`, /found a ZIP archive \(it starts with "PK"\)/, /Unpack/],
    [`1f 8b 08 00`, /found a gzip archive/, /Unpack/],
    [`"RIFF" 24000000 "WAVEfmt "`, /found a RIFF file without MIDI/, /hold no notes/],
    [`"ID3" 04 00`, /found MP3 sound/, /hold no notes/],
    [`ff fb 90 44`, /found MP3 sound/, /hold no notes/],
    [`"<?xml version='1.0'?>"`, /found XML text/, /export it as MIDI/],
    [`ef bb bf "<?xml?>"`, /found XML text/, /export it as MIDI/],
    [`"<!DOCTYPE html>"`, /found a web page/, /download/],
    [`89 "PNG" 0d 0a`, /found a picture/, /Only MIDI/],
    [`"%PDF-1.4"`, /found a PDF/, /Only MIDI/],
    [`"MTrk" 00000004 00ff2f00`, /found a track without the header/, /start of the file is lost/],
    [`de ad be ef`, /found something else/, /Take the file out/],
    [``, /found no bytes at all/, /Take the file out/],
  ];
  for (const [dump, message, hint] of cases) {
    const error = errorOf(hex(dump));
    assert.match(error.message, /^Cannot read "song.mid" as MIDI: wanted a file that starts with/);
    assert.match(error.message, message);
    assert.match(error.details.hint!, hint);
    assert.equal(error.details.byteOffset, 0);
  }
});

Deno.test("readMidi says that an RMID wrapper is empty", () => {
  for (const rest of ["", `"LIST" 01000000 00`, `"LIST" 05`, `"data" 00000000`]) {
    assert.match(errorOf(hex(`"RIFF" 24000000 "RMID" ${rest}`)).message, /RIFF file without MIDI/);
  }
});

Deno.test("readMidi says that the header is cut off, and where", () => {
  const error = errorOf(hex(`00 00 "MThd" 00000006 0001 00`)); // two bytes of junk, then 11 of 14
  assert.match(error.message, /wanted a header of 14 bytes, found 11/);
  assert.equal(error.details.byteOffset, 13);
});

Deno.test("readMidi says that there is no track, and where the file ends", () => {
  for (const rest of ["", chunk("XFIH", "00 01"), `"MTr"`, `"MTrk" 00`]) {
    const bytes = hex(chunk("MThd", "0001 0002 0060") + rest);
    const error = errorOf(bytes);
    assert.match(error.message, /wanted at least one track, found none/);
    assert.equal(error.details.byteOffset, bytes.length);
  }
});
