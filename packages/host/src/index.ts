export type { OverflowWriter } from "@spillway/spill";
export type { DrainCode, RecoveryExports } from "./drain-code.ts";
export { Engine, type ResolvedEngineOptions, type Trouble } from "./engine.ts";
export { type CrashSafetyPlan, planCrashSafety } from "./lane-files.ts";
export { letGo, loadRecovery, segmentsOf, sinksOf, takeLeftovers } from "./recovery.ts";
export { type DoneFile, RecoveryOutput } from "./recovery-output.ts";
export { engineFor, engineWithoutLane, forgetEngine, onExit } from "./registry.ts";
export type { TickMirror } from "./tick-mirror.ts";
