export { type MadeFifo, makeFifo } from "./fifo.ts";
export { openDescriptors, residentBytes, threadNames } from "./process-state.ts";
export { type Launch, type Outcome, Program, runProgram } from "./program.ts";
export { checkSequence, type SequenceRecord, type SequenceReport } from "./sequence.ts";
export { TempFolder } from "./temp-folder.ts";
export { waitFor } from "./wait-for.ts";
