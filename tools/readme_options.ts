/**
 * Writes the table of options into README.md, from the table that the program reads:
 * `deno task readme:options`.
 *
 * @module
 */
import { optionTableMarkdown } from "../lib/cli/help.ts";

const FILE = "README.md";
const PLACE = /(<!-- options -->\n).*?(\n<!-- end of options -->)/s;

if (import.meta.main) {
  const text = await Deno.readTextFile(FILE);
  const table = `\n${optionTableMarkdown()}\n`;
  await Deno.writeTextFile(FILE, text.replace(PLACE, (_, start, end) => start + table + end));
}
