export type { DrainCode } from "./drain-code.ts";
export { Engine, type ResolvedEngineOptions, type Trouble } from "./engine.ts";
export { type CrashSafetyPlan, planCrashSafety } from "./lane-files.ts";
export { letGo, loadRecovery, type RecoveryExports, takeLeftovers } from "./recovery.ts";
export { engineFor, engineWithoutLane, forgetEngine, onExit } from "./registry.ts";
export type { TickMirror } from "./tick-mirror.ts";
