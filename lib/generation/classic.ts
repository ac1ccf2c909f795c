/**
 * Generation as the seed system does it: the window slides over what was generated.
 *
 * @module
 */
import type { Engine } from "../engine/backend.ts";
import { createRunner } from "../engine/runner.ts";
import { type ClassicConfiguration, classicInput, classicPlan } from "../model/classic.ts";
import type { Prng } from "../random.ts";
import { sampleId, type SamplingOptions } from "./sample.ts";

/**
 * Predicts `length` ids one after the other, starting after `primer`.
 *
 * @param parameters in the layout of `classicPlan`
 * @param primer `sequenceLength` ids
 */
export function generateClassic(
  engine: Engine,
  configuration: ClassicConfiguration,
  parameters: Float32Array,
  primer: Int32Array,
  options: SamplingOptions & { readonly length: number; readonly prng: Prng },
): number[] {
  const runner = createRunner(engine, classicPlan(configuration, 1), parameters);
  const window = [...primer];
  const ids: number[] = [];
  while (ids.length < options.length) {
    const inputs = window.map((id) => classicInput(id, configuration.vocabularySize));
    runner.input("x").set(inputs);
    runner.run();
    const id = sampleId(runner.output("logits"), options, options.prng);
    ids.push(id);
    window.push(id);
    window.shift();
  }
  runner.close();
  return ids;
}
