import type { Batch } from "./batch.ts";
import type { Carrier } from "./carrier.ts";

/**
 * The way of every record through the worker. Each step is its own file; this one only puts them in order.
 *
 *   take     lane.ts         the frames of a lane become lines                 <- ring/consumer, wire, format
 *   write    carrier.ts      every sink gets the batch, and says that it has it   -> destination.ts, sinks
 *   ack      carrier.ts      the ring gets its space back
 *
 * Answers how many bytes of frames it carried; -1: a sink was given up, nothing more may be written. A record whose bytes cannot be read becomes a line that says so (lane.ts); a
 * sink that fails is asked again until it takes the batch, and the ring holds what follows (carrier.ts).
 */
export function carry(carrier: Carrier): number {
  let carried = 0;
  for (const lane of carrier.lanesInOrder()) {
    if (carrier.mustWait(lane)) continue;
    const batch: Batch | undefined = carrier.take(lane);
    if (batch === undefined) continue;
    if (!carrier.write(batch)) return -1;
    carrier.ack(lane, batch);
    carried += batch.frameBytes;
  }
  return carried;
}
