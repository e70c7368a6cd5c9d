import { type DrainStart, FRAME_TEXT, frameTag, type NamedSinkSpec } from "@spillway/core";
import { Consumer, makeMemory, Producer } from "@spillway/ring";
import { afterEach, expect, test } from "vitest";
import { CallerDrain } from "../src/caller-drain.ts";

const TOLD = new URL("fixtures/told-sink.mjs", import.meta.url).href;
const SOON_MS = 1000;
const told = globalThis as { onToldWrite?: (name: string, text: string) => void };

function sinksNamed(...names: string[]): NamedSinkSpec[] {
  return names.map((name) => ({ name, spec: { type: "module", module: TOLD, options: { name } } }));
}

function startWith(sinks: readonly NamedSinkSpec[]): DrainStart {
  const memory = makeMemory({ lanes: 1, capacity: 64 * 1024, epoch: 7, pid: process.pid });
  return { memory, sinks, parkAfterMs: 0 };
}

/** Puts a finished line into the ring. */
function put(producer: Producer, memory: SharedArrayBuffer, text: string): void {
  const line = Buffer.from(`........${text}\n`);
  line.copy(Buffer.from(memory), producer.tryClaim(line.length));
  producer.commit(frameTag(FRAME_TEXT, 0, 0), line.length);
}

afterEach(() => {
  delete told.onToldWrite;
});

test("last words: what is logged while the first sinks are served stays in the ring until they have it too", () => {
  const start = startWith(sinksNamed("first", "second"));
  const producer = new Producer(start.memory, 0);
  const lane = new Consumer(start.memory, 0);
  const had: Record<string, string> = { first: "", second: "" };
  put(producer, start.memory, "before");
  const before = producer.committedTo;
  told.onToldWrite = (name, text) => {
    if (had["first"] === "") put(producer, start.memory, "meanwhile");
    had[name] += text;
  };
  const drain = new CallerDrain(start, () => undefined);
  expect(drain.takeRole()).toBe(true);
  expect(drain.drainEach(Date.now() + SOON_MS, Date.now() + SOON_MS, true)).toBe(true);
  expect(had["first"]).toBe("before\n");
  expect(lane.ackedTo).toBe(before);
  expect(drain.drainEach(Date.now() + SOON_MS, Date.now() + SOON_MS, true)).toBe(true);
  expect(had).toEqual({ first: "before\nmeanwhile\n", second: "before\nmeanwhile\n" });
  expect(lane.ackedTo).toBe(producer.committedTo);
});
