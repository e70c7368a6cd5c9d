import { type DrainStart, FRAME_TEXT, frameTag, type NamedSinkSpec } from "@spillway/core";
import { Consumer, makeMemory, Producer } from "@spillway/ring";
import { afterEach, expect, test } from "vitest";
import { CallerDrain } from "../src/caller-drain.ts";

const TOLD = new URL("fixtures/told-sink.mjs", import.meta.url).href;
const SOON_MS = 1000;
const told = globalThis as {
  onToldWrite?: (name: string, text: string) => void;
  onToldClose?: (name: string) => void;
};

function sinksNamed(...names: string[]): NamedSinkSpec[] {
  return names.map((name) => ({ name, spec: { type: "module", module: TOLD, options: { name } } }));
}

function startWith(sinks: readonly NamedSinkSpec[]): DrainStart {
  const memory = makeMemory({ lanes: 1, capacity: 64 * 1024, epoch: 7, pid: process.pid });
  return { memory, sinks, parkAfterMs: 0, ringFiles: [], recover: [] };
}

/** Puts a finished line into the ring. */
function put(producer: Producer, memory: SharedArrayBuffer, text: string): void {
  const line = Buffer.from(`........${text}\n`);
  line.copy(Buffer.from(memory), producer.tryClaim(line.length));
  producer.commit(frameTag(FRAME_TEXT, 0, 0), line.length);
}

afterEach(() => {
  delete told.onToldWrite;
  delete told.onToldClose;
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

test("delivery by the call: a batch for which the time was too short is gone on with, by the same sink and with the same bytes", () => {
  const start = startWith(sinksNamed("failing", "other"));
  const producer = new Producer(start.memory, 0);
  const lane = new Consumer(start.memory, 0);
  const offered: string[] = [];
  const had: string[] = [];
  let isOpen = false;
  let closed = 0;
  told.onToldClose = () => closed++;
  told.onToldWrite = (name, text) => {
    if (name === "other") {
      had.push(text);
      return;
    }
    offered.push(text);
    if (!isOpen) throw new Error("not yet");
  };
  const drain = new CallerDrain(start, () => undefined);
  drain.takeRole();
  put(producer, start.memory, "one");
  expect(drain.drain(Date.now())).toBe(false);
  put(producer, start.memory, "two");
  expect(drain.drain(Date.now())).toBe(false);
  expect(lane.ackedTo).toBe(0);
  isOpen = true;
  expect(drain.drain(Date.now())).toBe(true);
  expect(new Set(offered)).toEqual(new Set(["one\n", "two\n"]));
  expect(offered.at(-1)).toBe("two\n");
  expect(had).toEqual(["one\n", "two\n"]);
  expect(closed).toBe(0);
  expect(lane.ackedTo).toBe(producer.committedTo);
});
