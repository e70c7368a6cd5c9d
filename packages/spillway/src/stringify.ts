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
