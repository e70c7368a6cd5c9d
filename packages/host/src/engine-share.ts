import type { EngineOptions, NamedSinkSpec } from "@spillway/core";
import type { CrashSafetyPlan } from "./crash-safety-plan.ts";
import type { CriticalPlan } from "./critical-log.ts";

export type ResolvedEngineOptions = Required<
  Omit<EngineOptions, "sinks" | "crashSafety" | "critical" | "handleSignals" | "dropBelow">
> & {
  /** The level's number. */
  readonly dropBelow: number;
};

/** What other threads need to use an engine: plain data that crosses by structured clone. */
export interface EngineShare {
  readonly key: string;
  readonly memory: SharedArrayBuffer;
  readonly sinks: readonly NamedSinkSpec[];
  readonly options: ResolvedEngineOptions;
  /** Undefined: nothing survives the process. */
  readonly crashSafety: CrashSafetyPlan | undefined;
  /** Undefined: no record is critical. */
  readonly critical: CriticalPlan | undefined;
}
