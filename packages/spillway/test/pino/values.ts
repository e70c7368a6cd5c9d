/** Values of every kind that a program may hand to a logger. */
import type { Choices } from "./choices.ts";
import { drawError, drawErrorLike } from "./errors.ts";
import { drawRequest, drawResponse } from "./http-values.ts";
import { drawOddObject } from "./odd-objects.ts";
import { drawArray, drawNumber, drawObject } from "./plain-values.ts";
import { Surroundings } from "./surroundings.ts";
import { drawText } from "./texts.ts";

/** Deeper than pino's depthLimit of 5, so that the limit is met. */
const DEEPEST = 8;

export function newSurroundings(): Surroundings {
  return new Surroundings(drawValue);
}

export function drawValue(choices: Choices, around: Surroundings = newSurroundings()): unknown {
  if (around.depth >= DEEPEST) return drawLeaf(choices);
  // The deeper, the more leaves: values stay of a size that a person can read.
  const kind = choices.below(100);
  if (kind < 52 + 6 * around.depth && kind < 88) return drawLeaf(choices);
  if (kind < 68) return drawObject(choices, around);
  if (kind < 76) return drawArray(choices, around);
  if (kind < 81) return drawError(choices, around);
  if (kind < 83) return drawErrorLike(choices, around);
  if (kind < 85) return choices.chance(50) ? drawRequest(choices, around) : drawResponse(choices, around);
  if (kind < 88) return around.cycle(choices);
  if (kind < 91) return around.again(choices);
  return drawOddObject(choices, around);
}

function drawLeaf(choices: Choices): unknown {
  switch (choices.below(14)) {
    case 0:
    case 1:
    case 2:
      return drawNumber(choices);
    case 3:
    case 4:
    case 5:
    case 6:
      return drawText(choices);
    case 7:
      return true;
    case 8:
      return false;
    case 9:
      return null;
    case 10:
      return undefined;
    case 11:
      return choices.pick([0n, 12n, -(2n ** 64n)]);
    case 12:
      return choices.pick([Symbol("s"), Symbol.iterator, Symbol.for("spillway fuzz")]);
    default:
      return choices.pick([
        function named(): number {
          return 1;
        },
        () => 2,
        class Empty {},
        Math.max,
      ]);
  }
}

export function drawFields(choices: Choices): object {
  return drawObject(choices, newSurroundings());
}
