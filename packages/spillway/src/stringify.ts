import { PINO_LOOP_LENGTH, type Stringify } from "@spillway/wire";
import { configure } from "safe-stable-stringify";

const TOO_COMPLEX = '"[unable to serialize, circular reference is too complex to analyze]"';

/**
 * JSON.stringify; for what it refuses (cycles, BigInt) safe-stable-stringify within the limits; for what throws even
 * there, a text that says so. The texts are pino's.
 */
export function makeStringify(depthLimit: number, edgeLimit: number): Stringify {
  const library = configure({ maximumDepth: depthLimit, maximumBreadth: edgeLimit });
  return (value, isRefused = false, isInMessage = false) => {
    const safe = (given: unknown): string | undefined => (isInMessage ? library(given) : withoutNaN(library(given)));
    try {
      if (!isRefused) return JSON.stringify(value);
      return safe(value);
    } catch {
      try {
        return safe(value);
      } catch {
        return TOO_COMPLEX;
      }
    }
  };
}

/** A text is met first, so that nothing is found inside of it. */
const TEXT_OR_NO_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN|-?Infinity/g;

/**
 * The library writes the NaN of a typed array as it is, which no reader of JSON takes; within a message it is but text.
 */
function withoutNaN(text: string | undefined): string | undefined {
  if (text === undefined || (!text.includes("NaN") && !text.includes("Infinity"))) return text;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return text.replace(TEXT_OR_NO_NUMBER, (part) => (part.startsWith('"') ? part : "null"));
  }
}

/** What stands in the place of a value whose own code threw. */
export function unserializable(error: unknown): string {
  let reason = "unknown error";
  try {
    reason = error instanceof Error ? error.message : String(error);
  } catch {
    // Even the error cannot be read.
  }
  return `[unserializable: ${reason}]`;
}

const CONTROL = /[\u0000-\u001f]/;

/** The name of a field in quotes, as pino writes it. */
export function quoteKey(key: string): string {
  if (key.isWellFormed() || key.length > PINO_LOOP_LENGTH || CONTROL.test(key)) return JSON.stringify(key);
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}
