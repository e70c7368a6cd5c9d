import type { Stringify } from "@spillway/wire";
import type { LoggerFieldRules } from "./field-rules.ts";
import { quoteKey, unserializable } from "./stringify.ts";

/** Names that are options of a child, never bindings. */
const RESERVED: ReadonlySet<string> = new Set(["level", "serializers", "formatters", "customLevels"]);

/** The text bindings add to every line of a logger: `,"a":1,"b":2`. Made once, when the logger is. */
export function bindingsText(bindings: object, rules: LoggerFieldRules, stringify: Stringify): string {
  let text = "";
  for (const key of ownKeys(bindings)) {
    if (RESERVED.has(key)) continue;
    const given = read(bindings, key);
    if (given === undefined) continue;
    const value = rules.serializeNamed(key, given);
    const redacted = rules.stringify(key, value, true);
    const json = typeof redacted === "symbol" ? stringify(value) : redacted;
    if (json !== undefined) text += `,${quoteKey(key)}:${json}`;
  }
  return text;
}

function ownKeys(bindings: object): string[] {
  try {
    return Object.keys(bindings);
  } catch {
    return [];
  }
}

function read(bindings: object, key: string): unknown {
  try {
    return (bindings as Record<string, unknown>)[key];
  } catch (error) {
    return unserializable(error);
  }
}
