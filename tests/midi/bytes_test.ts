import assert from "node:assert/strict";
import { ByteWriter, findText, uint16, uint32 } from "../../lib/midi/bytes.ts";
import { hex } from "./dumps.ts";

Deno.test("ByteWriter: variable-length numbers as in the MIDI file specification", () => {
  const examples: [number, string][] = [
    [0, "00"],
    [0x40, "40"],
    [0x7f, "7f"],
    [0x80, "8100"],
    [0x2000, "c000"],
    [0x3fff, "ff7f"],
    [0x4000, "818000"],
    [0x1fffff, "ffff7f"],
    [0x200000, "81808000"],
    [0x8000000, "c0808000"],
    [0xfffffff, "ffffff7f"],
  ];
  for (const [value, bytes] of examples) {
    const writer = new ByteWriter(4);
    writer.variableLength(value);
    assert.equal(writer.written().toHex(), bytes);
  }
});

Deno.test("ByteWriter: bytes, text and big-endian numbers", () => {
  const writer = new ByteWriter(14);
  writer.text("MT");
  writer.byte(0x01);
  writer.uint16(0xfedc);
  writer.uint32(0xfedcba98);
  writer.bytes([1, 2, 3]);
  assert.deepEqual(writer.written(), hex(`"MT" 01 fedc fedcba98 010203`));
});

Deno.test("uint16 and uint32: big-endian, without sign", () => {
  const bytes = hex("00 fedcba98");
  assert.equal(uint16(bytes, 1), 0xfedc);
  assert.equal(uint32(bytes, 1), 0xfedcba98);
});

Deno.test("findText: the first place from a start on, never past the end", () => {
  const bytes = hex(`"MMTMTrkMTrkMTr"`);
  assert.equal(findText(bytes, "MTrk", 0), 3);
  assert.equal(findText(bytes, "MTrk", 4), 7);
  assert.equal(findText(bytes, "MTrk", 8), -1);
});
