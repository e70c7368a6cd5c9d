import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ModuleSinkSpec, Sink, SinkFactory } from "@spillway/core";

/**
 * Loads a sink of the user's own, synchronously: Node can `require` ES modules, as long as they await nothing at their
 * top level.
 */
export function loadSink(spec: ModuleSinkSpec, from: string): Sink {
  const loaded = createRequire(from)(fileURLToPath(spec.module)) as { default?: SinkFactory } | SinkFactory;
  const factory = typeof loaded === "function" ? loaded : loaded.default;
  if (typeof factory !== "function") throw new TypeError(`${spec.module} has no default export that is a function`);
  return factory(spec.options);
}
