import { CallerDrain } from "./caller-drain.ts";
import { startDrainWorker } from "./worker.ts";

export { extract } from "./extract.ts";
export { LineReader } from "./line-reader.ts";
export { replayByHand } from "./recover.ts";
export { linesBesideRing } from "./ring-wals.ts";
export { recoverWalsByHand } from "./wal-recovery.ts";
export { CallerDrain };

/** A task of the pool that does nothing: its answer says that the thread is up. */
export default function isUp(): boolean {
  return true;
}

startDrainWorker();
