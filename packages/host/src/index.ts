export type { OverflowWriter } from "@spillway/spill";
export {
  type DeadWal,
  finishWal,
  hasRing,
  letGoOfRings,
  letGoOfWal,
  type WalMode,
  type WalReport,
} from "@spillway/spill";
export { type CrashSafetyPlan, planCrashSafety } from "./crash-safety-plan.ts";
export type { CriticalLog, CriticalPlan } from "./critical-log.ts";
export type { DrainCode, RecoveryExports } from "./drain-code.ts";
export { Engine, type Trouble } from "./engine.ts";
export type { ResolvedEngineOptions } from "./engine-share.ts";
export { planCritical } from "./plan-critical.ts";
export { loadRecovery, segmentsOf, sinksOf, takeLeftovers } from "./recovery.ts";
export { type DoneFile, RecoveryOutput } from "./recovery-output.ts";
export { engineFor, engineWithoutLane, forgetEngine, onExit } from "./registry.ts";
export type { TickMirror } from "./tick-mirror.ts";
export type { LineTime } from "./time-order.ts";
export { takeRingsOf, takeWals, walsAt, walsNamed } from "./wal-leftovers.ts";
export { linesOfWal, type WalLines } from "./wal-lines.ts";
