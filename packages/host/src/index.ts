export type { DrainCode } from "./drain-code.ts";
export { Engine, type ResolvedEngineOptions, type Trouble } from "./engine.ts";
export { engineFor, engineWithoutLane, onExit } from "./registry.ts";
