/** One step of a script: a log call, a child, new bindings, another level, or a question to a logger. */

import type { Choices } from "./choices.ts";
import { drawError } from "./errors.ts";
import { drawRequest, drawResponse } from "./http-values.ts";
import { drawPrefix, drawRedact, drawSerializers } from "./logger-options.ts";
import { put } from "./plain-values.ts";
import { drawTemplate, drawText } from "./texts.ts";
import { drawFields, drawValue, newSurroundings } from "./values.ts";

export type Step =
  | { readonly kind: "log"; readonly logger: number; readonly level: string; readonly args: unknown[] }
  | {
      readonly kind: "child";
      readonly logger: number;
      readonly bindings: object;
      readonly options: Record<string, unknown> | undefined;
    }
  | { readonly kind: "setBindings"; readonly logger: number; readonly bindings: object }
  | { readonly kind: "level"; readonly logger: number; readonly level: string }
  | { readonly kind: "ask"; readonly logger: number };

/** What the steps so far have left behind; the same for both loggers, but of objects of its own. */
export interface Scene {
  readonly levels: readonly string[];
  loggers: number;
  /** Objects of earlier calls, which come again, changed or not. */
  readonly kept: object[];
}

/** More would make children of children that no application has. */
const MOST_LOGGERS = 12;

export function drawStep(choices: Choices, scene: Scene): Step {
  const kind = choices.below(100);
  // The newest loggers more often than the old ones: a child that nobody logs to shows nothing.
  const logger = choices.chance(50) ? scene.loggers - 1 : choices.below(scene.loggers);
  if (kind >= 93 && scene.loggers < MOST_LOGGERS) return drawChild(choices, logger);
  if (kind >= 91) return { kind: "setBindings", logger, bindings: drawBindings(choices) };
  if (kind >= 90) return { kind: "level", logger, level: choices.pick([...scene.levels, "silent"]) };
  if (kind >= 88) return { kind: "ask", logger };
  return { kind: "log", logger, level: choices.pick(scene.levels), args: drawArguments(choices, scene) };
}

function drawBindings(choices: Choices): object {
  if (choices.chance(40))
    return { request: choices.below(1000), a: choices.pick<unknown>(["x", { b: { c: 1 } }, [1], null]) };
  const bindings = drawFields(choices) as Record<string, unknown>;
  // pino asks the bindings themselves: with a function of that name it leaves all of them out.
  delete bindings["hasOwnProperty"];
  return bindings;
}

function drawChild(choices: Choices, logger: number): Step {
  const bindings = drawBindings(choices);
  if (choices.chance(50)) return { kind: "child", logger, bindings, options: undefined };
  const options: Record<string, unknown> = {};
  if (choices.chance(30)) options["level"] = choices.pick(["trace", "info", "error"]);
  if (choices.chance(40)) options["msgPrefix"] = drawPrefix(choices);
  if (choices.chance(30)) options["serializers"] = drawSerializers(choices);
  if (choices.chance(20)) options["redact"] = drawRedact(choices);
  return { kind: "child", logger, bindings, options };
}

function drawArguments(choices: Choices, scene: Scene): unknown[] {
  const form = choices.below(100);
  if (form < 16) return [drawText(choices)];
  if (form < 36) return [drawFields(choices), drawText(choices)];
  if (form < 42) return [drawFields(choices)];
  if (form < 52) return [drawTemplate(choices), ...drawList(choices, 5)];
  if (form < 60) return [drawFields(choices), drawTemplate(choices), ...drawList(choices, 5)];
  if (form < 70) return drawErrorCall(choices);
  if (form < 75) return drawHttpCall(choices);
  if (form < 80) return [drawText(choices), drawSecond(choices)];
  if (form < 85) return drawList(choices, 4);
  if (form < 93) return drawKept(choices, scene);
  return [drawValue(choices), ...drawList(choices, 2)];
}

function drawList(choices: Choices, most: number): unknown[] {
  const list: unknown[] = [];
  for (let n = choices.below(most + 1); n > 0; n--) list.push(drawValue(choices));
  return list;
}

function drawErrorCall(choices: Choices): unknown[] {
  const error = drawError(choices, newSurroundings());
  switch (choices.below(5)) {
    case 0:
      return [error];
    case 1:
      return [error, drawText(choices)];
    case 2:
      return [{ err: error }];
    case 3:
      return [{ err: error, id: 7, error: "text" }, drawText(choices)];
    default:
      return [{ [choices.pick(["error", "e", "a", "exception"])]: error, ...drawFields(choices) }];
  }
}

function drawHttpCall(choices: Choices): unknown[] {
  const around = newSurroundings();
  const first = choices.chance(50) ? drawRequest(choices, around) : drawResponse(choices, around);
  if (choices.chance(40)) return [{ [choices.pick(["req", "res", "a"])]: first }, "handled"];
  return choices.chance(50) ? [first] : [first, drawText(choices)];
}

/** The second argument of `log.info("text", ...)`: what a user may expect to be logged. */
function drawSecond(choices: Choices): unknown {
  return choices.chance(30)
    ? drawValue(choices)
    : choices.chance(20)
      ? drawError(choices, newSurroundings())
      : drawFields(choices);
}

/** An object that was logged before, now perhaps with other values under the same keys, or with one key more. */
function drawKept(choices: Choices, scene: Scene): unknown[] {
  if (scene.kept.length === 0 || choices.chance(30)) {
    const object = { a: choices.below(10), b: drawValue(choices), user: { id: 1, secret: "s" } };
    scene.kept.push(object);
    return [object, "kept"];
  }
  const object = choices.pick(scene.kept) as Record<string, unknown>;
  switch (choices.below(4)) {
    case 0:
      break;
    case 1:
      object["a"] = drawValue(choices);
      break;
    case 2:
      put(object, `more${choices.below(3)}`, choices.below(5));
      break;
    default:
      delete object["b"];
  }
  return [object, drawText(choices)];
}
