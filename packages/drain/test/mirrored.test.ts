/** A lane that is copied to its file: what its drain has copied counts, however long its producer's turn lasts. */
import { closeSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from "node:fs";
import {
  CONTROL_BYTES,
  type DrainStart,
  ENTRY_CONFIG,
  ENTRY_SHAPE,
  ENTRY_TEXT,
  FRAME_RECORD,
  frameTag,
  LANE_FILES,
  LANE_MIRRORED,
  type NamedSinkSpec,
  TAG_INT24,
  TAG_PLAIN,
} from "@spillway/core";
import {
  COMMITTED,
  CONSUMERS_OFFSET,
  CommitSlots,
  DICTIONARY_OFFSET,
  dictionaryRegion,
  FULL,
  LANE_HEADER_BYTES,
  LANE_IS_COPIED,
  laneBytes,
  laneOffset,
  makeMemory,
  Producer,
} from "@spillway/ring";
import { createRingFile, ownIdentity } from "@spillway/spill";
import { TempFolder } from "@spillway/testkit";
import { DictionaryWriter } from "@spillway/wire";
import { expect, test } from "vitest";
import { Carrier } from "../src/carrier.ts";
import { LaneNotes } from "../src/lane-notes.ts";
import { Ownership } from "../src/ownership.ts";
import { carry } from "../src/pipeline.ts";
import { replayByHand } from "../src/recover.ts";
import type { ReplayReport } from "../src/replay.ts";

const CAPACITY = 64 * 1024;
const EPOCH = 0x0bad_5eed;
const PID = 4711;
const PLENTY = { leftBytes: 65_536 };
const CONFIG = {
  levels: [{ value: 30, label: "info", open: '{"level":30' }],
  timeOpen: "",
  time: "none",
  messageKey: "msg",
  nestedOpen: "",
  end: "}\n",
  name: "",
};

class MirroredLane {
  readonly memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: EPOCH, pid: PID });
  readonly log: string;
  readonly ring: string;
  readonly #bytes = Buffer.from(this.memory, laneOffset(0, CAPACITY), laneBytes(CAPACITY));
  readonly #start: DrainStart;
  readonly #ownership: Ownership;
  readonly #carrier: Carrier;
  #producer = new Producer(this.memory, 0);
  #ids: readonly [number, number, number] = [0, 0, 0];

  constructor(folder: TempFolder) {
    this.log = folder.file("app.log");
    const sinks: NamedSinkSpec[] = [{ name: "file", spec: { type: "file", path: this.log } }];
    const place = { folder: folder.file(".spillway"), base: "app.log", pid: PID, epoch: EPOCH };
    const identity = { ...ownIdentity(), pid: PID };
    const owner = { identity, hasLock: false, epoch: EPOCH, lane: 0, capacity: CAPACITY, sinks, createdAt: "" };
    const head = this.#bytes.subarray(0, LANE_HEADER_BYTES);
    head.writeInt32LE(1, LANE_IS_COPIED * 4);
    const file = createRingFile(place.folder, place.base, owner, head, laneBytes(CAPACITY), undefined);
    closeSync(file.fd);
    this.ring = file.path;
    new Int32Array(this.memory, 0, CONTROL_BYTES / 4)[LANE_FILES] = LANE_MIRRORED;
    this.#start = { memory: this.memory, sinks, parkAfterMs: 0, recover: [], notes: { place } };
    this.#ownership = new Ownership(this.memory, 1);
    this.#ownership.take();
    this.#carrier = new Carrier(this.#start, this.#ownership, fail);
  }

  /** A new owner, which begins the dictionary anew. */
  own(bindings: string): void {
    this.#producer = new Producer(this.memory, 0);
    const dictionary = new DictionaryWriter(dictionaryRegion(this.memory, 0));
    this.#ids = [
      dictionary.append(ENTRY_CONFIG, JSON.stringify(CONFIG), PLENTY),
      dictionary.append(ENTRY_TEXT, bindings, PLENTY),
      dictionary.append(ENTRY_SHAPE, "n", PLENTY, 0),
    ];
  }

  put(n: number): boolean {
    const text = "x".repeat((n * 37) % 160);
    const payload = Buffer.alloc(28 + ((text.length + 3) & ~3));
    for (const [i, word] of [...this.#ids, TAG_INT24 | (n << 8), TAG_PLAIN | (text.length << 8)].entries())
      payload.writeInt32LE(word, 8 + i * 4);
    payload.write(text, 28);
    const at = this.#producer.tryClaim(payload.length);
    if (at === FULL) return false;
    payload.copy(Buffer.from(this.memory), at);
    this.#producer.commit(frameTag(FRAME_RECORD, 0, 0), payload.length);
    return true;
  }

  carryAll(): void {
    while (this.#carrier.hasMore) carry(this.#carrier);
  }

  /** What the producer copies at the end of its turn: everything but the drain's part. */
  endTurn(): void {
    const fd = openSync(this.ring, "r+");
    writeSync(fd, this.#bytes, DICTIONARY_OFFSET, this.#bytes.length - DICTIONARY_OFFSET, DICTIONARY_OFFSET);
    writeSync(fd, this.#bytes, 0, CONSUMERS_OFFSET, 0);
    closeSync(fd);
  }

  /** The same, or the drain, dies before the head is there. */
  dieBeforeHead(): void {
    const fd = openSync(this.ring, "r+");
    writeSync(fd, this.#bytes, DICTIONARY_OFFSET, this.#bytes.length - DICTIONARY_OFFSET, DICTIONARY_OFFSET);
    closeSync(fd);
  }

  /** What is there now is to be carried in one write, and half of that write arrives. */
  dieInWrite(): void {
    const slots = new CommitSlots(this.memory, 0, 0);
    const before = slots.read()!;
    const { size } = statSync(this.log);
    // For a sink alone, so that nothing is acked.
    const carrier = new Carrier(this.#start, this.#ownership, fail, undefined, 0);
    while (carrier.hasMore) carry(carrier);
    carrier.close();
    const after = slots.read()!;
    slots.store(after.turn - 1, before.position, size, after.identity, before.delivered, before.seq);
    const notes = new LaneNotes(this.memory, 0, this.#start.notes);
    notes.copy();
    notes.close();
    truncateSync(this.log, size + Math.floor((statSync(this.log).size - size) / 2));
  }

  recover(): ReplayReport {
    this.#carrier.close();
    const fd = openSync(this.ring, "r+");
    const epoch = EPOCH.toString(16).padStart(8, "0");
    const report = replayByHand(
      { base: "app.log", pid: PID, epoch, files: [{ fd, path: this.ring }] },
      (sink) => sink,
      fail,
    );
    closeSync(fd);
    return report;
  }

  /** Of the records in the log; -1: a line that is none. */
  numbers(): number[] {
    const lines = readFileSync(this.log, "utf8").split("\n").slice(0, -1);
    return lines
      .filter((line) => !line.includes("spillway: recovered"))
      .map((line) => Number(/^\{"level":30,"of":"\w+","n":(\d+),"msg":"x*"\}$/.exec(line)?.[1] ?? -1));
  }
}

function fail(message: string): void {
  throw new Error(message);
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, n) => n);

test.each([100, 3000, 30_000])(
  "mirrored lane: of a turn of %d records all that the drain has come to is there, a line cut short finished, nothing is damaged",
  (count) => {
    using folder = new TempFolder();
    const lane = new MirroredLane(folder);
    lane.own(',"of":"theFirstOneThatHadTheLane"');
    let n = 0;
    for (; n < 50; n++) lane.put(n);
    lane.carryAll();
    lane.endTurn();
    // Another thread has the lane now; nothing of what it does is copied by itself.
    lane.own(',"of":"another"');
    for (; n < count; n++) {
      if (lane.put(n)) continue;
      lane.carryAll();
      n--;
    }
    lane.carryAll();
    for (const end = n + 40; n < end; n++) lane.put(n);
    lane.dieInWrite();
    for (let i = 0; i < 20; i++) lane.put(n + i);
    expect(lane.recover()).toMatchObject({ isComplete: true, unreadable: 0, damage: [], damaged: [], refused: [] });
    expect(lane.numbers()).toEqual(upTo(n));
    expect(readdirSync(folder.file(".spillway"))).toEqual([]);
  },
);

test("mirrored lane: what its producer has copied since counts, not what the drain had", () => {
  using folder = new TempFolder();
  const lane = new MirroredLane(folder);
  lane.own(',"of":"it"');
  for (let n = 0; n < 100; n++) lane.put(n);
  lane.carryAll();
  for (let n = 100; n < 200; n++) lane.put(n);
  lane.endTurn();
  expect(lane.recover()).toMatchObject({ recovered: 100, isComplete: true, damage: [] });
  expect(lane.numbers()).toEqual(upTo(200));
});

test.each([0, 100, 3000])(
  "mirrored lane: frames behind %d others, whose copy no head speaks of yet, are no damage",
  (count) => {
    using folder = new TempFolder();
    const lane = new MirroredLane(folder);
    lane.own(',"of":"it"');
    let n = 0;
    for (; n < count; n++) {
      if (lane.put(n)) continue;
      lane.carryAll();
      n--;
    }
    lane.carryAll();
    // As many as there is room for: over all that was there.
    for (let more = n; lane.put(more); more++);
    lane.dieBeforeHead();
    expect(lane.recover()).toMatchObject({ recovered: 0, isComplete: true, damage: [] });
    expect(lane.numbers()).toEqual(upTo(count));
  },
);

test("mirrored lane: one word of its producer that seems older than what the drain had is damaged, and costs nothing", () => {
  using folder = new TempFolder();
  const lane = new MirroredLane(folder);
  lane.own(',"of":"it"');
  for (let n = 0; n < 300; n++) lane.put(n);
  lane.carryAll();
  for (let n = 300; n < 400; n++) lane.put(n);
  lane.endTurn();
  const fd = openSync(lane.ring, "r+");
  const word = Buffer.alloc(4);
  word.writeInt32LE(new Int32Array(lane.memory, laneOffset(0, CAPACITY))[COMMITTED]! ^ (1 << 30));
  writeSync(fd, word, 0, 4, COMMITTED * 4);
  closeSync(fd);
  const { damage } = lane.recover();
  expect(damage).toMatchObject([{ what: "COMMITTED", from: COMMITTED * 4 }]);
  expect(lane.numbers()).toEqual(upTo(400));
});
