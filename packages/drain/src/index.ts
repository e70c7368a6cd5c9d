import { CallerDrain } from "./caller-drain.ts";
import { startDrainWorker, tellTrouble } from "./worker.ts";

export { CallerDrain, tellTrouble };

/** A task of the pool that does nothing: its answer says that the thread is up. */
export default function isUp(): boolean {
  return true;
}

startDrainWorker();
