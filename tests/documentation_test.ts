/** What can be checked about the words: the public names are described, the README is true. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { optionTableMarkdown } from "../lib/cli/help.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await Deno.readTextFile(`${root}/README.md`);

Deno.test("library: every public name and member has its description and its type", async () => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "lib/mod.ts"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const errors = new TextDecoder().decode(stderr).split(/^(?=error\[)/m);
  // Types of TensorFlow.js and the brands of units cannot be public names of ours.
  const wrong = errors.filter((error) =>
    error.startsWith("error[") && !error.startsWith("error[private-type-ref]")
  );
  assert.deepEqual(wrong, []);
  assert.match(errors.at(-1)!, /Found \d+ documentation lint errors|^Checked/);
});

Deno.test("README: the table of options is that of the program", () => {
  const [, table] = /<!-- options -->\s*(.*?)\s*<!-- end of options -->/s.exec(readme) ?? [];
  assert.deepEqual(cellsOf(table), cellsOf(optionTableMarkdown()));
});

Deno.test("README: every task that it names exists, and every task is named", () => {
  const named = [...readme.matchAll(/\bdeno(?:@[\d.]+)? task (?:--quiet )?([a-z][a-z\d:-]*)/g)].map(
    ([, name]) => name,
  );
  const tasks = Object.keys(config.tasks);
  assert.deepEqual(named.filter((name) => !tasks.includes(name)), []);
  assert.deepEqual(tasks.filter((name) => !named.includes(name)), []);
});

Deno.test("README: every link into the project leads somewhere", async () => {
  const targets = [...readme.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, target]) => target);
  assert.ok(targets.length > 3);
  for (const target of targets) await Deno.stat(`${root}/${target}`);
});

Deno.test("README: the permissions that it shows are those of the tasks", () => {
  const shown = /deno run (--allow-\S+ --allow-\S+) main\.ts/.exec(readme)?.[1];
  assert.ok(config.tasks.generate.command.includes(`${shown} `), shown);
});

/** The cells of a Markdown table without the spaces that align them. */
function cellsOf(table = ""): string[][] {
  return table.split("\n").map((row) =>
    row.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^-+$/, "---"))
  );
}
