/**
 * The network of the `classic` preset: one number a step, the loss at the last step of each window.
 *
 * @module
 */
import { PlanBuilder } from "../engine/plan_builder.ts";
import type { Plan } from "../engine/plan.ts";

/** Sizes of the classic network. */
export interface ClassicConfiguration {
  /** Which network this is. */
  readonly preset: "classic";
  /** Number of symbols, V. */
  readonly vocabularySize: number;
  /** Window length, T. */
  readonly sequenceLength: number;
  /** Hidden units of the two LSTM layers. */
  readonly units: readonly [number, number];
  /** Units of the dense layer before the output. */
  readonly denseUnits: number;
  /** Share of values that each dropout layer sets to zero. */
  readonly dropout: number;
}

/** What the network reads for a symbol: its id as a share of the vocabulary size. */
export function classicInput(id: number, vocabularySize: number): number {
  return id / vocabularySize;
}

/**
 * The plan for micro-batches of `rows` windows: LSTM, dropout, LSTM, dropout, dense, output.
 *
 * Inputs: `x` `[T·rows, 1]`, step by step; `labels` `[rows, 1]` int32; `weights` `[rows, 1]`.
 * Outputs: `losses` `[rows, 1]` in nats; `logits` `[rows, V]`.
 */
export function classicPlan(configuration: ClassicConfiguration, rows: number): Plan {
  const { vocabularySize, sequenceLength, units: [first, second] } = configuration;
  const { denseUnits, dropout } = configuration;
  const plan = new PlanBuilder();
  const layer = (name: string, input: number, units: number) => {
    plan.parameter(`${name}/kernel`, [input, 4 * units]);
    plan.parameter(`${name}/recurrent_kernel`, [units, 4 * units]);
    plan.parameter(`${name}/bias`, [4 * units]);
  };
  const affine = (name: string, input: number, units: number) => {
    plan.parameter(`${name}/kernel`, [input, units]);
    plan.parameter(`${name}/bias`, [units]);
  };
  layer("lstm1", 1, first);
  layer("lstm2", first, second);
  affine("dense", second, denseUnits);
  affine("output", denseUnits, vocabularySize);

  const x = plan.input("x", sequenceLength * rows);
  const labels = plan.input("labels", rows);
  const weights = plan.input("weights", rows);
  const losses = plan.output("losses", rows);
  const logitsOut = plan.output("logits", rows, vocabularySize);

  const h1 = plan.dropout(plan.lstm(x, "lstm1", sequenceLength), dropout);
  const h2 = plan.dropout(plan.lstm(h1, "lstm2", sequenceLength), dropout);
  const last = plan.rows(h2, (sequenceLength - 1) * rows, rows);
  const logits = plan.dense(plan.dense(last, "dense"), "output");
  plan.read(logits, logitsOut);
  plan.crossEntropy(logits, labels, weights, losses);
  return plan.build();
}
