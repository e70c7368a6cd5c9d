/** A script is a list of decisions: how a logger is made, and each step taken with it. Playing it performs the steps. */
import { Choices, mixSeed } from "./choices.ts";
import { argumentsFor, asPinoIsCalled, type DifferenceId } from "./deliberate-differences.ts";
import { type AsCalled, drawSetup } from "./logger-options.ts";
import type { FuzzLogger, Run, Side } from "./sides.ts";
import { drawStep, type Scene, type Step } from "./steps.ts";

export interface Script {
  readonly setup: readonly number[];
  readonly steps: readonly (readonly number[])[];
}

/** Where the decisions come from: a script, or a seed that has yet to become one. */
type Source = Script | { readonly seed: number; readonly length: number };

export interface Performance {
  readonly run: Run;
  readonly script: Script;
  /** For each line written while playing, the step that wrote it. */
  readonly stepOfLine: number[];
  readonly threw: Map<number, unknown>;
  /** What loggers said of themselves, by step. */
  readonly answers: Map<number, string>;
  /** Log calls that were left out, ready to be made. */
  readonly held: { readonly step: number; readonly call: () => void }[];
  readonly used: Map<DifferenceId, number>;
}

/** Plays every step but those in `leaveOut` on a fresh logger. Whether a call throws is noted, and nothing else. */
export function play(source: Source, side: Side, leaveOut: ReadonlySet<number>): Performance {
  const setupChoices = choicesOf(source, -1);
  const setup = withShortStacks(() => drawSetup(setupChoices, (args) => argumentsFor(side.makes, args)));
  const run = side.open(setup.options);
  const loggers = [run.logger];
  const scene: Scene = { levels: setup.levels, loggers: 1, kept: [] };
  const steps: (readonly number[])[] = [];
  const performance: Performance = {
    run,
    script: { setup: setupChoices.taken, steps },
    stepOfLine: [],
    threw: new Map(),
    answers: new Map(),
    held: [],
    used: new Map(),
  };

  const length = "steps" in source ? source.steps.length : source.length;
  for (let at = 0; at < length; at++) {
    const choices = choicesOf(source, at);
    const step = withShortStacks(() => drawStep(choices, scene));
    steps.push(choices.taken);
    const act = (): void =>
      perform(
        step,
        at,
        setup.hasHook ? (args) => args : (args) => argumentsFor(side.makes, args),
        loggers,
        performance,
      );
    if (leaveOut.has(at)) {
      if (step.kind === "log") performance.held.push({ step: at, call: act });
      continue;
    }
    const before = run.lineCount();
    try {
      act();
    } catch (error) {
      performance.threw.set(at, error);
    }
    for (let lines = run.lineCount() - before; lines > 0; lines--) performance.stepOfLine.push(at);
    scene.loggers = loggers.length;
  }
  return performance;
}

/**
 * A stack names the way to the place where an error was made, and the outer part of it is another one for each
 * logger. The inner two frames are the same.
 */
export function withShortStacks<T>(draw: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 2;
  try {
    return draw();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function choicesOf(source: Source, at: number): Choices {
  if ("seed" in source) return Choices.fromSeed(mixSeed(source.seed, at));
  return Choices.replay(at === -1 ? source.setup : (source.steps[at] ?? []));
}

function perform(step: Step, at: number, asCalled: AsCalled, loggers: FuzzLogger[], performance: Performance): void {
  const logger = loggers[step.logger] as FuzzLogger;
  switch (step.kind) {
    case "log": {
      const { id } = asPinoIsCalled(step.args);
      if (id !== undefined) performance.used.set(id, (performance.used.get(id) ?? 0) + 1);
      const methods = logger as unknown as Record<string, (...args: unknown[]) => void>;
      methods[step.level]?.(...asCalled(step.args));
      break;
    }
    case "child":
      loggers.push(childOf(logger, step.bindings, step.options));
      break;
    case "setBindings":
      logger.setBindings(step.bindings);
      break;
    case "level":
      logger.level = step.level;
      break;
    case "ask":
      performance.answers.set(at, answerOf(logger));
  }
}

function childOf(parent: FuzzLogger, bindings: object, options: Record<string, unknown> | undefined): FuzzLogger {
  if (options === undefined) return parent.child(bindings);
  const child = parent.child(bindings, options);
  // Said twice, it is the child's own for both loggers: see a-level-given-is-kept.
  if (typeof options["level"] === "string") child.level = options["level"];
  return child;
}

function answerOf(logger: FuzzLogger): string {
  const enabled = ["trace", "info", "fatal", "notice", "silent", "nosuch"].filter((level) =>
    logger.isLevelEnabled(level),
  );
  return JSON.stringify({ bindings: logger.bindings(), level: logger.level, prefix: logger.msgPrefix, enabled });
}
