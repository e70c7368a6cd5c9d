import { basename, join, resolve } from "node:path";
import { ConfigError, CRITICAL_LEVELS, type CriticalOptions, type NamedSinkSpec } from "@spillway/core";
import { type CrashSafetyPlan, planCrashSafety } from "./crash-safety-plan.ts";
import type { CriticalPlan } from "./critical-log.ts";

/**
 * Undefined: no record is critical. Throws a ConfigError where there is nothing beside which to keep the logs.
 * `threshold`: the number of a level.
 */
export function planCritical(
  options: CriticalOptions | undefined,
  threshold: (level: string) => number | undefined,
  sinks: readonly NamedSinkSpec[],
  crashSafety: CrashSafetyPlan | undefined,
): CriticalPlan | undefined {
  if (options === undefined) return undefined;
  const stem = options.walPath ?? defaultStem(sinks, crashSafety);
  if (stem === undefined) {
    throw new ConfigError(["critical.walPath: required without a file sink, beside which the log would be kept"]);
  }
  const levels = (options.levels ?? CRITICAL_LEVELS).flatMap((level) => threshold(level) ?? []);
  return { levels, stem: resolve(stem) };
}

/** Beside the ring files, or where they would be. */
function defaultStem(sinks: readonly NamedSinkSpec[], crashSafety: CrashSafetyPlan | undefined): string | undefined {
  const place = crashSafety ?? planCrashSafety(sinks, undefined);
  return place && join(place.folder, `${basename(place.base)}.wal`);
}
