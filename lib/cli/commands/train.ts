/**
 * `train`: learn from MIDI files and keep the model.
 *
 * @module
 */
import type { Io } from "../io.ts";
import { learn } from "../learn.ts";
import type { Options } from "../option_table.ts";
import { chooseSeed } from "../seed.ts";

/** Learns from the input and keeps the model. */
export async function run(options: Options, io: Io): Promise<void> {
  const { model } = await learn(options, chooseSeed(options.seed, io), io);
  const { history, step } = model.description;
  if (options.json) io.print(JSON.stringify({ model: options.model, updates: step, history }));
}
