import assert from "node:assert/strict";
import { CorpusError, MidiError, UsageError } from "../../lib/errors.ts";
import { describePlace, errorLines, explain } from "../../lib/cli/messages.ts";
import { OutputError } from "../../lib/cli/output_file.ts";

Deno.test("an explained error is three lines: error, where, hint", () => {
  const error = new MidiError("Cannot read a track: wanted 40 bytes, found 12", {
    source: "input/a.mid",
    track: 2,
    byteOffset: 1234,
    hint: "Copy the file again.",
  });
  assert.deepEqual(errorLines(explain(error)), [
    "error: Cannot read a track: wanted 40 bytes, found 12",
    "where: input/a.mid, track 2, byte 1234",
    "hint:  Copy the file again.",
  ]);
});

Deno.test("what is not known is left out, and 0 is known", () => {
  assert.deepEqual(errorLines(explain(new CorpusError("Nothing here"))), ["error: Nothing here"]);
  assert.equal(describePlace({}), undefined);
  assert.equal(describePlace({ track: 0, byteOffset: 0 }), "track 0, byte 0");
  assert.equal(describePlace({ source: "a.txt", line: 3 }), "a.txt, line 3");
});

Deno.test("exit codes", () => {
  assert.equal(explain(new UsageError("x")).exitCode, 2);
  assert.equal(explain(new CorpusError("x")).exitCode, 1);
  assert.equal(explain(new OutputError("x")).exitCode, 1);
  assert.equal(explain(new Error("x")).exitCode, 1);
  assert.equal(explain("x").exitCode, 1);
  assert.equal(explain(new DOMException("stop", "AbortError")).exitCode, 130);
});

Deno.test("a missing permission: which one, and the exact flag", () => {
  const missing = new Deno.errors.NotCapable(
    'Requires write access to "generated_midi.mid", run again with the --allow-write flag',
  );
  assert.deepEqual(errorLines(explain(missing)), [
    "error: Cannot write generated_midi.mid: wanted the permission " +
    "--allow-write=generated_midi.mid, found it not granted",
    "where: generated_midi.mid",
    "hint:  Run it again with --allow-write=generated_midi.mid.",
  ]);
  const permittedCommand = (permission: string, path: string) => `deno ${permission} ${path}`;
  assert.equal(
    explain(missing, { permittedCommand }).hint,
    "Run: deno write generated_midi.mid",
  );
  assert.match(
    explain(missing, { permittedCommand, standalone: true }).hint ?? "",
    /compile it again with --allow-write=generated_midi.mid/,
  );
});

Deno.test("other permissions, with and without a value", () => {
  const env = new Deno.errors.NotCapable('Requires env access to "HOME", run again with …');
  assert.match(explain(env).error, /^Cannot use env HOME: wanted the permission --allow-env=HOME,/);
  const all = new Deno.errors.NotCapable(
    "Requires env access, run again with the --allow-env flag",
  );
  assert.match(explain(all).error, /^Cannot use env: wanted the permission --allow-env,/);
  const other = new Deno.errors.NotCapable("No.");
  assert.equal(explain(other).error, "No.");
});

Deno.test("an error of the system loses its number", async () => {
  const error = await Deno.readFile("no-such-file.mid").catch((error) => error);
  const explanation = explain(error);
  assert.equal(explanation.where, "no-such-file.mid");
  assert.match(explanation.error, /^Cannot use no-such-file.mid: /);
  assert.doesNotMatch(explanation.error, /os error/);
});

Deno.test("an unforeseen error tells how to learn more; the stack comes on demand", () => {
  const error = new Error("surprise", { cause: new Error("deeper") });
  const explanation = explain(error);
  assert.deepEqual(errorLines(explanation), [
    "error: surprise",
    "hint:  Run it again with --verbose to see where.",
  ]);
  const lines = errorLines(explanation, { stackOf: error });
  assert.ok(lines.slice(2).some((line) => line.includes("messages_test.ts")));
  assert.ok(lines.includes("caused by: deeper"));
});

Deno.test("colour only when asked for", () => {
  const explanation = explain(new Error("x"));
  assert.equal(errorLines(explanation, { color: true })[0], "\x1b[1;31merror\x1b[0m: x");
});
