/**
 * `generate`: new music with a trained model.
 *
 * @module
 */
import type { ModelDescription } from "../../model/description.ts";
import { loadModel } from "../../model/folder.ts";
import type { Io } from "../io.ts";
import type { Options } from "../option_table.ts";
import { type GivenOptions, optionsFor } from "../options.ts";
import { chooseSeed } from "../seed.ts";
import { checkOutputs, writeMusic } from "../write_music.ts";

/** Composes with the model in `--model`. */
export async function run(options: Options, io: Io, given: GivenOptions): Promise<void> {
  await checkOutputs(options);
  const wanted = ["parameters", "stream", "music"];
  const model = await loadModel<ModelDescription>(options.model, wanted);
  const { preset } = model.description.configuration;
  const seed = chooseSeed(options.seed, io);
  await writeMusic(model, optionsFor(given, preset), given, seed, io);
}
