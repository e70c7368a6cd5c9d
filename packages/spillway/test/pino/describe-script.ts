/** A failing script as a person reads it: the options, the steps, both lines, and where they part. */
import { inspect } from "node:util";
import { Choices } from "./choices.ts";
import type { Difference } from "./compare.ts";
import { drawSetup } from "./logger-options.ts";
import { type Script, withShortStacks } from "./script.ts";
import { drawStep, type Scene, type Step } from "./steps.ts";

export function describeFailure(seed: number, script: Script, difference: Difference): string {
  const setup = withShortStacks(() => drawSetup(Choices.replay(script.setup)));
  const scene: Scene = { levels: setup.levels, loggers: 1, kept: [] };
  const steps = script.steps.map((list) => {
    const step = withShortStacks(() => drawStep(Choices.replay(list), scene));
    if (step.kind === "child") scene.loggers++;
    return describeStep(step, scene.loggers - 1);
  });
  return [
    `${difference.what} in step ${difference.step + 1} of ${steps.length} (SPILLWAY_SEED=${seed})`,
    `  const log0 = createLogger(${show(setup.options)});`,
    ...sourcesIn(setup.options).map((source) => `    // ${source}`),
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
      return [
        `const log${newest} = ${log}.child(${show(step.bindings)}${step.options === undefined ? "" : `, ${show(step.options)}`});`,
        ...sourcesIn(step.options).map((source) => `  // ${source}`),
      ].join("\n  ");
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
    return inspect(value, {
      depth: 9,
      breakLength: Number.POSITIVE_INFINITY,
      maxStringLength: 300,
      showProxy: true,
      getters: false,
    });
  } catch (error) {
    return `(cannot be shown: ${String(error)})`;
  }
}

/** The functions among the options, which `inspect` only names. */
function sourcesIn(value: unknown, path = ""): string[] {
  if (typeof value === "function") return [`${path}: ${value.toString().replace(/\s+/g, " ").slice(0, 200)}`];
  if (typeof value !== "object" || value === null || path.split(".").length > 3) return [];
  return Object.entries(value).flatMap(([key, inner]) => sourcesIn(inner, path === "" ? key : `${path}.${key}`));
}

const BEFORE = 60;
const SHOWN = 400;

/** Both texts around the first byte that differs; the whole of them when they are short. */
function twoLines({ expected, actual }: Difference): string[] {
  if (expected === undefined || actual === undefined)
    return [`  pino: ${part(expected, 0)}`, `  ours: ${part(actual, 0)}`];
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const from = expected.length > SHOWN || actual.length > SHOWN ? Math.max(0, at - BEFORE) : 0;
  return [
    `  pino: ${part(expected, from)}`,
    `  ours: ${part(actual, from)}`,
    `        ${" ".repeat(at - from + (from > 0 ? 1 : 0))}^ byte ${at}`,
  ];
}

/** Compared texts hold a character for each byte; shown as text again, with ends of lines that are seen. */
function part(text: string | undefined, from: number): string {
  if (text === undefined) return "(nothing)";
  const shown = Buffer.from(text.slice(from, from + SHOWN), "latin1").toString();
  return `${from > 0 ? "…" : ""}${shown.replace(/\r/g, "␍").replace(/\n/g, "␊")}${from + SHOWN < text.length ? "…" : ""}`;
}
