/**
 * An expressive model from its folder.
 *
 * @module
 */
import { ModelError } from "../errors.ts";
import type { ExpressiveModel } from "../generation/expressive.ts";
import type { ExpressiveDescription, ModelDescription } from "../model/description.ts";
import { loadModel, type SavedModel } from "../model/folder.ts";
import { unpackMusic } from "../model/music.ts";

/** The model that was saved. @throws {ModelError} if it is of the classic preset */
export function composerOf({ description, arrays }: SavedModel<ModelDescription>): ExpressiveModel {
  const { configuration, music } = description as ExpressiveDescription;
  if (configuration.preset !== "expressive") {
    throw new ModelError("Cannot use this model here: it is of the classic preset", {
      hint: "Train one with --preset expressive.",
    });
  }
  const training = unpackMusic({ heads: music, events: arrays.music as Int32Array });
  return { configuration, parameters: arrays.parameters as Float32Array, training };
}

/** Loads the model in `folder`. @throws {ModelError} if there is none, or it cannot be used */
export async function loadComposer(folder: string): Promise<ExpressiveModel> {
  return composerOf(await loadModel<ModelDescription>(folder, ["parameters", "music"]));
}
