import { basename, dirname, join, resolve } from "node:path";
import type { CrashSafetyOptions, Durability, NamedSinkSpec } from "@spillway/core";

/** Where an engine's ring files are, and how its lanes are to be kept. Plain data: every thread needs it. */
export interface CrashSafetyPlan {
  readonly folder: string;
  readonly base: string;
  readonly tier: "auto" | Durability;
}

/** Undefined: nothing is to survive the process, because that is what was asked for or there is no file beside which to keep it. */
export function planCrashSafety(
  sinks: readonly NamedSinkSpec[],
  options: false | CrashSafetyOptions | undefined,
): CrashSafetyPlan | undefined {
  if (options === false || options?.tier === "none") return undefined;
  const first = sinks.find(({ spec }) => spec.type === "file")?.spec;
  const path = first?.type === "file" ? first.path : undefined;
  const folder = options?.dir ?? (path === undefined ? undefined : join(dirname(path), ".spillway"));
  if (folder === undefined) return undefined;
  // Later, the process may be in another folder.
  return {
    folder: resolve(folder),
    base: path === undefined ? "spillway" : basename(path),
    tier: options?.tier ?? "auto",
  };
}
