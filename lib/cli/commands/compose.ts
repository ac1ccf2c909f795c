/**
 * The main job: train, then generate.
 *
 * @module
 */
import type { Io } from "../io.ts";
import { learn } from "../learn.ts";
import type { Options } from "../option_table.ts";
import type { GivenOptions } from "../options.ts";
import { chooseSeed } from "../seed.ts";
import { checkOutputs, writeMusic } from "../write_music.ts";

/** Learns from the input, keeps the model and writes new music. */
export async function run(options: Options, io: Io, given: GivenOptions): Promise<void> {
  await checkOutputs(options);
  const seed = chooseSeed(options.seed, io);
  const { model } = await learn(options, seed, io);
  await writeMusic(model, options, given, seed, io);
}
