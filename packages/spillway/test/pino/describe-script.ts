/** A failing script as a person reads it: the options, the steps, both lines, and where they part. */
import { inspect } from "node:util";
import { Choices } from "./choices.ts";
import { drawSetup } from "./logger-options.ts";
import { drawStep, type Scene, type Step } from "./steps.ts";
import type { Difference } from "./compare.ts";
import type { Script } from "./script.ts";

export function describeFailure(seed: number, script: Script, difference: Difference): string {
  const setup = drawSetup(Choices.replay(script.setup));
  const scene: Scene = { levels: setup.levels, loggers: 1, kept: [] };
  const steps = script.steps.map((list) => {
    const step = drawStep(Choices.replay(list), scene);
    if (step.kind === "child") scene.loggers++;
    return describeStep(step, scene.loggers - 1);
  });
  return [
    `${difference.what} in step ${difference.step + 1} of ${steps.length} (SPILLWAY_SEED=${seed})`,
    `  const log0 = createLogger(${show(setup.options)});`,
    ...steps.map((step) => `  ${step}`),
    ...twoLines(difference),
    `  script: ${JSON.stringify(script)}`,
  ].join("\n");
}

function describeStep(step: Step, newest: number): string {
  const log = `log${step.logger}`;
  switch (step.kind) {
    case "log":
      return `${log}.${step.level}(${step.args.map(show).join(", ")});`;
    case "child":
      return `const log${newest} = ${log}.child(${show(step.bindings)}${step.options === undefined ? "" : `, ${show(step.options)}`});`;
    case "setBindings":
      return `${log}.setBindings(${show(step.bindings)});`;
    case "level":
      return `${log}.level = "${step.level}";`;
    case "ask":
      return `${log}.bindings(); ${log}.level; ${log}.isLevelEnabled(...);`;
  }
}

function show(value: unknown): string {
  try {
    return inspect(value, { depth: 9, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 300, showProxy: true, getters: false });
  } catch (error) {
    return `(cannot be shown: ${String(error)})`;
  }
}

const BEFORE = 60;
const SHOWN = 400;

/** Both texts around the first byte that differs; the whole of them when they are short. */
function twoLines({ expected, actual }: Difference): string[] {
  if (expected === undefined || actual === undefined) return [`  pino: ${part(expected, 0)}`, `  ours: ${part(actual, 0)}`];
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const from = expected.length > SHOWN || actual.length > SHOWN ? Math.max(0, at - BEFORE) : 0;
  return [`  pino: ${part(expected, from)}`, `  ours: ${part(actual, from)}`, `        ${" ".repeat(at - from + (from > 0 ? 1 : 0))}^ byte ${at}`];
}

/** One character a byte, control characters visible. */
function part(text: string | undefined, from: number): string {
  if (text === undefined) return "(nothing)";
  const shown = text.slice(from, from + SHOWN);
  return `${from > 0 ? "…" : ""}${shown.replace(/\r/g, "␍").replace(/\n/g, "␊")}${from + SHOWN < text.length ? "…" : ""}`;
}
