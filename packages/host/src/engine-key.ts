import { serialize } from "node:v8";
import { ConfigError, type NamedSinkSpec } from "@spillway/core";

/**
 * The name under which an engine is found again: equal for equal sinks, on whatever thread. Throws a ConfigError for
 * options of a sink that cannot cross to another thread.
 */
export function engineKey(sinks: readonly NamedSinkSpec[], sync: boolean): string {
  return JSON.stringify([sinks.map(({ name, spec }) => [name, textOf(name, spec)]), sync]);
}

function textOf(name: string, spec: NamedSinkSpec["spec"]): string {
  try {
    return JSON.stringify(spec, plainOnly);
  } catch {
    // Not data that JSON can tell apart. V8's own bytes differ now and then for equal texts, by the way they are kept:
    // at worst that makes a second engine, never one for different sinks.
  }
  try {
    return serialize(spec).toString("base64");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`sinks.${name}: its options cannot be handed to the drain worker: ${reason}`]);
  }
}

class NotPlain extends Error {}

/** Throws at the first value that JSON leaves out or makes equal to another. */
function plainOnly(this: unknown, key: string, jsonValue: unknown): unknown {
  // In front of toJSON, which would make a text of a Date.
  const value = (this as Record<string, unknown>)[key];
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  // A member that is undefined might as well not be there.
  if (value === undefined && !Array.isArray(this)) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "object" && value === jsonValue && (Array.isArray(value) || isPlainObject(value))) return value;
  throw new NotPlain();
}

/** In whatever realm it was made. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
