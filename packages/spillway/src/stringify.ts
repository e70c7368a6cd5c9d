import { configure } from "safe-stable-stringify";

const TOO_COMPLEX = '"[unable to serialize, circular reference is too complex to analyze]"';

/** JSON text of any value; undefined when JSON has none (functions, symbols). Never throws. */
export type Stringify = (value: unknown) => string | undefined;

/**
 * JSON.stringify; for what it refuses (cycles, BigInt) safe-stable-stringify within the limits; for what throws even
 * there, a text that says so. The texts are pino's.
 */
export function makeStringify(depthLimit: number, edgeLimit: number): Stringify {
  const safe = configure({ maximumDepth: depthLimit, maximumBreadth: edgeLimit });
  return (value) => {
    try {
      return JSON.stringify(value);
    } catch {
      try {
        return safe(value);
      } catch {
        return TOO_COMPLEX;
      }
    }
  };
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
/** pino leaves lone surrogates alone up to this length, and JSON.stringify does not. */
const PINO_LOOP_LENGTH = 100;

/** The name of a field in quotes, as pino writes it. */
export function quoteKey(key: string): string {
  if (key.isWellFormed() || key.length > PINO_LOOP_LENGTH || CONTROL.test(key)) return JSON.stringify(key);
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}
