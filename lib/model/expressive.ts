/**
 * The network of the `expressive` preset: embeddings, two LSTM layers and a dense layer as in the
 * classic one; then the symbol, and after it the duration, the step and the velocity, each told what
 * was just chosen. The loss is taken at every step.
 *
 * @module
 */
import { CHOSEN_INTERVALS, NEXT_END_CLASSES } from "../dataset/tracker.ts";
import { type Matrix, PlanBuilder, type Value } from "../engine/plan_builder.ts";
import type { Plan } from "../engine/plan.ts";

/** Sizes of the expressive network. */
export interface ExpressiveConfiguration {
  /** Which network this is. */
  readonly preset: "expressive";
  /** Name and number of ids of each input feature. */
  readonly features: readonly { readonly name: string; readonly size: number }[];
  /** Names of the features that tell how far the memories can be trusted. */
  readonly trust: readonly string[];
  /** Number of ids of each head; the last symbol id is the end of the piece. */
  readonly heads: Readonly<Record<Head, number>>;
  /** Number of roles, each with its last pitch among the features. */
  readonly roles: number;
  /** Width of the embeddings, E. */
  readonly embeddingSize: number;
  /** Hidden units of the two LSTM layers. */
  readonly units: readonly [number, number];
  /** Units of the dense layer of each head. */
  readonly denseUnits: number;
  /** Share of values that the dropout after each LSTM and dense layer sets to zero. */
  readonly dropout: number;
  /** The same after the embeddings. */
  readonly inputDropout: number;
}

/** What is predicted of an event, in this order. */
export const HEADS = ["symbol", "duration", "step", "velocity"] as const;

/** One of {@linkcode HEADS}. */
export type Head = typeof HEADS[number];

/** Classes of how a symbol lies relative to a pitch, as in the kernel `addRelative`: 27 for notes, 12 for chords. */
export const RELATIVE_CLASSES = 39;

/** What a head can be told: the ids chosen before it, and two numbers made from them. */
const TOLD_SIZES = { "chosen interval": CHOSEN_INTERVALS, "next end": NEXT_END_CLASSES } as const;
type Told = Head | keyof typeof TOLD_SIZES;

/** Weight of the network's own likelihood beside that of the mixture: it must be able to compose without quoting. */
const ALONE = 0.5;

/** Predictors in a mixture: the network and the two memories. */
const GATES = 3;

/** Name of the input of a feature. */
export function featureInput(index: number): string {
  return `feature ${index}`;
}

/**
 * The plan for micro-batches of `rows` pieces, `steps` events at a time.
 *
 * Inputs, step by step (`[steps·rows, 1]` int32 unless said otherwise): `feature 0…`; the labels
 * `symbol`, `duration`, `step`, `velocity`; `chosen interval` and `next end`; `weight` and `note weight` (float32; the
 * second is 0 at the end of a piece, which has a symbol only); `symbol memory` and `duration memory`
 * `[steps·rows, 2]` float32, the probability of the label in either memory (negative: nothing
 * known); `keep` `[rows, 1]` float32, 0 where a new piece starts; `symbol shapes` and `symbol bases`
 * `[V + 1, 1]` as the kernel `addRelative` wants them.
 *
 * Outputs: the negative log-likelihood of each head, `[steps·rows, 1]`, in nats. With `generating`
 * also `symbol logits`, `symbol gates` and so on; then the passes `symbol`, `duration`, `step` and
 * `velocity` run one head each, after the label of the one before was written.
 */
export function expressivePlan(
  configuration: ExpressiveConfiguration,
  size: { readonly rows: number; readonly steps: number },
  generating = false,
): Plan {
  const { features, trust, heads, units, dropout, inputDropout } = configuration;
  const plan = new PlanBuilder();
  declareParameters(plan, configuration);
  const rows = size.rows * size.steps;
  const featureIds = features.map((_, i) => plan.input(featureInput(i), rows));
  const labels = Object.fromEntries(HEADS.map((head) => [head, plan.input(head, rows)]));
  const told: Record<string, Matrix> = { ...labels };
  for (const name of Object.keys(TOLD_SIZES)) told[name] = plan.input(name, rows);
  const [weight, noteWeight] = [plan.input("weight", rows), plan.input("note weight", rows)];
  const memories: Partial<Record<Head, Matrix>> = {
    symbol: plan.input("symbol memory", rows, 2),
    duration: plan.input("duration memory", rows, 2),
  };
  const keep = plan.input("keep", size.rows);
  const shapes = plan.input("symbol shapes", heads.symbol);
  const bases = plan.input("symbol bases", heads.symbol);
  const anchors = anchorNames(configuration.roles).map(idsOf);
  const losses = Object.fromEntries(HEADS.map((head) => [head, plan.output(head, rows)]));

  plan.segment("symbol");
  const x = plan.embeddings(
    features.map(({ name }, i) => ({ table: `${name}/embedding`, ids: featureIds[i] })),
  );
  const h1 = plan.dropout(
    plan.lstm(plan.dropout(x, inputDropout), "lstm1", size.steps, keep),
    dropout,
  );
  const h2 = plan.dropout(plan.lstm(h1, "lstm2", size.steps, keep), dropout);
  const trusted = (head: Head) =>
    plan.embeddings(trust.map((name) => ({
      table: `${head}/trust ${name}/embedding`,
      ids: idsOf(name),
    })));

  HEADS.forEach((head, i) => {
    if (i > 0) plan.segment(head);
    let hidden: Value = plan.dense(h2, `${head}/dense`);
    const lookups = toldTo(head).map((name) => ({
      table: `${head}/after ${name}/embedding`,
      ids: told[name],
    }));
    if (lookups.length > 0) hidden = plan.add(hidden, plan.embeddings(lookups));
    hidden = plan.dropout(plan.relu(hidden), dropout);
    const logits = plan.dense(hidden, `${head}/output`);
    if (head === "symbol") {
      plan.addRelative(logits, plan.dense(hidden, "symbol/relative"), anchors, { shapes, bases });
    }
    if (generating) plan.read(logits, plan.output(`${head} logits`, rows, heads[head]));
    const memory = memories[head];
    let gates: Value | undefined;
    if (memory) {
      gates = plan.add(plan.dense(hidden, `${head}/gate`), trusted(head));
      if (head === "duration") {
        // How likely the chosen symbol was; the duration itself must not be looked at.
        gates = plan.add(gates, plan.dense(memories.symbol!, "duration/memory"));
      }
      if (generating) plan.read(gates, plan.output(`${head} gates`, rows, GATES));
    }
    const weights = head === "symbol" ? weight : noteWeight;
    plan.crossEntropy(
      logits,
      labels[head],
      weights,
      losses[head],
      gates && { gates, memory: memory!, alone: ALONE },
    );
  });
  return plan.build();

  function toldSize(name: Told): number {
    return name in heads ? heads[name as Head] : TOLD_SIZES[name as keyof typeof TOLD_SIZES];
  }

  function idsOf(name: string): Matrix {
    return featureIds[features.findIndex((feature) => feature.name === name)];
  }

  function declareParameters(
    plan: PlanBuilder,
    { embeddingSize, denseUnits }: ExpressiveConfiguration,
  ) {
    for (const feature of features) {
      plan.parameter(`${feature.name}/embedding`, [feature.size, embeddingSize]);
    }
    [embeddingSize, units[0]].forEach((input, layer) => {
      const [name, hidden] = [`lstm${layer + 1}`, units[layer]];
      plan.parameter(`${name}/kernel`, [input, 4 * hidden]);
      plan.parameter(`${name}/recurrent_kernel`, [hidden, 4 * hidden]);
      plan.parameter(`${name}/bias`, [4 * hidden]);
    });
    const affine = (name: string, input: number, output: number) => {
      plan.parameter(`${name}/kernel`, [input, output]);
      plan.parameter(`${name}/bias`, [output]);
    };
    for (const head of HEADS) {
      affine(`${head}/dense`, units[1], denseUnits);
      for (const name of toldTo(head)) {
        plan.parameter(`${head}/after ${name}/embedding`, [toldSize(name), denseUnits]);
      }
      affine(`${head}/output`, denseUnits, heads[head]);
      if (head !== "symbol" && head !== "duration") continue;
      affine(`${head}/gate`, denseUnits, GATES);
      if (head === "symbol") {
        const { roles } = configuration;
        const classes = roles * RELATIVE_CLASSES;
        affine("symbol/relative", denseUnits, anchorNames(roles).length * classes);
      }
      if (head === "duration") affine("duration/memory", 2, GATES);
      for (const name of trust) {
        const { size } = features.find((feature) => feature.name === name)!;
        plan.parameter(`${head}/trust ${name}/embedding`, [size, GATES]);
      }
    }
  }
}

/** The pitch features that symbols are seen from: the last event's and, of several roles, each one's last. */
function anchorNames(roles: number): string[] {
  return [
    "reference",
    ...Array.from({ length: roles > 1 ? roles : 0 }, (_, role) => `pitch ${role}`),
  ];
}

/** What a head is told about the event that is being chosen. */
function toldTo(head: Head): Told[] {
  const before: Told[] = HEADS.slice(0, HEADS.indexOf(head));
  if (head === "duration") return [...before, "chosen interval"];
  return head === "step" ? [...before, "next end"] : before;
}
