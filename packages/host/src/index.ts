export type { DrainCode } from "./drain-code.ts";
export { Engine, type ResolvedEngineOptions, type Trouble } from "./engine.ts";
export { engineFor, engineWithoutLane, forgetEngine, onExit } from "./registry.ts";
