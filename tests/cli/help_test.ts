import assert from "node:assert/strict";
import { helpText, optionTableMarkdown } from "../../lib/cli/help.ts";
import { allOptions, COMMAND_NAMES, flagOf } from "../../lib/cli/option_table.ts";

for (const command of COMMAND_NAMES) {
  Deno.test(`help of ${command}: its options and no others, at most 80 columns`, () => {
    const text = helpText(command);
    const flags = [...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]);
    const own = allOptions().filter(([, spec]) => spec.commands.includes(command));
    assert.deepEqual(flags, own.map(([name]) => flagOf(name)));
    for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
  });
}

Deno.test("help: how an option looks", () => {
  const text = helpText("compose");
  assert.match(text, /^Usage: deno task generate \[options\]\n/);
  assert.ok(text.includes(
    "  --output FILE             MIDI file to write the new music to. Default:\n" +
      "                            generated_midi.mid (beside the program, easy to\n" +
      "                            find).\n",
  ));
  assert.ok(text.includes("  --units N,N   "));
  assert.ok(helpText("train").startsWith("Usage: main.ts train [options]\n"));
});

Deno.test("help: one table row for each option", () => {
  const rows = optionTableMarkdown().split("\n");
  assert.equal(rows.length, allOptions().length + 2);
  assert.equal(
    rows.find((row) => row.includes("--output")),
    "| `--output FILE` | MIDI file to write the new music to. " +
      "| generated_midi.mid (beside the program, easy to find) | main job, generate |",
  );
  for (const row of rows) assert.equal(row.match(/ \| /g)?.length, 3, row);
});
