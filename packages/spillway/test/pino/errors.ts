/** Errors: their causes, properties and odd forms, and things that are thrown although they are none. */

import type { Choices } from "./choices.ts";
import { put } from "./plain-values.ts";
import type { Surroundings } from "./surroundings.ts";
import { drawKey, drawText } from "./texts.ts";

class DomainError extends Error {
  override name = "DomainError";
  readonly code: string = "E_DOMAIN";
}

class Nameless extends Error {}
Object.defineProperty(Nameless, "name", { value: "" });

const MAKERS: readonly ((message: string) => Error)[] = [
  (message) => new Error(message),
  (message) => new TypeError(message),
  (message) => new DomainError(message),
  (message) => new Nameless(message),
  (message) => new AggregateError([new Error("first"), new RangeError("second"), "no error", null], message),
  (message) => Object.assign(new Error(message), { code: "ENOENT", errno: -2, syscall: "open", path: "/nowhere" }),
  (message) => new DOMException(message, "AbortError") as Error,
];

export function drawError(choices: Choices, around: Surroundings): Error {
  const error = choices.pick(MAKERS)(choices.chance(50) ? drawText(choices) : "it failed");
  if (!choices.chance(30)) fixStack(error);
  return around.inside(error, () => {
    if (choices.chance(30)) putCause(choices, around, error);
    for (let extras = choices.count(3); extras > 0; extras--) {
      const key = drawKey(choices);
      // These two are what an error is made of; other forms of them are drawn on purpose in `bend`.
      if (key !== "message" && key !== "stack") put(error, key, around.value(choices));
    }
    if (choices.chance(12)) bend(choices, around, error);
  });
}

function fixStack(error: Error): void {
  const [headline = ""] = (error.stack ?? "").split("\n    at ");
  setHidden(
    error,
    "stack",
    `${headline}\n    at work (file:///app/index.js:10:5)\n    at main (file:///app/index.js:20:3)`,
  );
}

/** As an error's own message and stack are: there, but not listed. */
function setHidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}

function putCause(choices: Choices, around: Surroundings, error: Error): void {
  switch (choices.below(6)) {
    case 0:
    case 1:
    case 2:
      setHidden(error, "cause", around.depth < 6 ? drawError(choices, around) : "too deep");
      break;
    case 3:
      setHidden(error, "cause", choices.pick<unknown>([error, "text", 5, null, { message: "like an error" }]));
      break;
    case 4: {
      // The habit of VError: the cause is asked for.
      const asked = choices.pick<unknown>([new DomainError("asked for"), "text", undefined]);
      setHidden(error, "cause", () => asked);
      break;
    }
    default:
      put(error, "cause", drawErrorLike(choices, around));
  }
}

/** Makes the error into something a serializer may not expect. */
function bend(choices: Choices, around: Surroundings, error: Error): void {
  switch (choices.below(9)) {
    case 0:
      setHidden(error, "stack", choices.pick<unknown>(["", undefined, 7, null, { no: "text" }]));
      break;
    case 1:
      setHidden(error, "message", choices.pick<unknown>([7, null, { text: "in an object" }]));
      break;
    case 2:
      put(error, "errors", choices.pick<unknown>([[new Error("one")], [1, "two", null], "no list", []]));
      break;
    case 3:
      put(error, "toJSON", () => ({ instead: "of the error" }));
      break;
    case 4:
      put(error, "inner", drawError(choices, around));
      break;
    case 5:
      Object.freeze(error);
      break;
    case 6:
      Object.setPrototypeOf(error, null);
      break;
    case 7:
      setHidden(error, "constructor", choices.pick<unknown>([undefined, "text", class Other {}]));
      break;
    default:
      around.hasCycle = true;
      put(error, "self", error);
  }
}

export function drawErrorLike(choices: Choices, around: Surroundings): object {
  const like = {};
  return around.inside(like, () => {
    put(like, "message", choices.chance(80) ? drawText(choices) : choices.pick<unknown>([5, undefined, ""]));
    if (choices.chance(50)) put(like, "stack", "Thrown: like this\n    at somewhere");
    if (choices.chance(30)) put(like, drawKey(choices), around.value(choices));
  });
}
