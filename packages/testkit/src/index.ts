export { Acknowledged } from "./acknowledged.ts";
export { type MadeFifo, makeFifo } from "./fifo.ts";
export { openDescriptors, residentBytes, threadNames } from "./process-state.ts";
export { type Launch, type Outcome, Program, runProgram } from "./program.ts";
export { Random } from "./random.ts";
export { type KillCampaign, type KillTotals, type Life, runKillCampaign } from "./random-kills.ts";
export { checkSequence, type ProblemKind, type SequenceRecord, type SequenceReport } from "./sequence.ts";
export { TempFolder } from "./temp-folder.ts";
export { waitFor } from "./wait-for.ts";
