/**
 * The ring file of a process that was killed: two file sinks, a ring that has been round, the second sink behind the
 * first one, and the first one's last write cut short in the middle of a line.
 */
import { mkdirSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  alignFrame,
  type DrainStart,
  ENTRY_CONFIG,
  ENTRY_SHAPE,
  ENTRY_TEXT,
  FRAME_HEADER_BYTES,
  FRAME_PAD,
  FRAME_RECORD,
  frameKind,
  frameTag,
  type NamedSinkSpec,
  type RingGroup,
  TAG_INT24,
  TAG_PLAIN,
} from "@spillway/core";
import {
  adoptLanes,
  CommitSlots,
  Consumer,
  dictionaryRegion,
  FRAMES_OFFSET,
  FULL,
  laneBytes,
  laneOffset,
  makeMemory,
  Producer,
} from "@spillway/ring";
import { encodeOwner, findOwnerPage, type RingOwner, ringPath } from "@spillway/spill";
import { DictionaryWriter } from "@spillway/wire";
import { adoptRead } from "../../src/adopt.ts";
import { Carrier } from "../../src/carrier.ts";
import { type Extraction, extractAdopted } from "../../src/extract.ts";
import { Ownership } from "../../src/ownership.ts";
import { carry } from "../../src/pipeline.ts";

export const CAPACITY = 64 * 1024;
const EPOCH = 0x5eed_0b0b;
const PID = 4711;
const RECORDS = 1000;
/** How many of them some sink still needs. */
const PENDING = 300;
const TIME = 1_700_000_000_000;
const PLENTY = { leftBytes: 65_536 };
/** The positions pass 2^32 on the way. */
const START = 2 ** 32 - 3 * CAPACITY - 1024;

export interface PendingFrame {
  /** Of the record; undefined: a pad frame. */
  readonly n: number | undefined;
  /** Bytes of the file: its header, and the end of its payload. */
  readonly from: number;
  readonly to: number;
  readonly line: string;
}

export interface DeadRing {
  readonly bytes: Buffer;
  readonly frames: readonly PendingFrame[];
  /** Everything both sinks together still need. */
  readonly text: string;
  /** The logs as they were left. */
  readonly logs: readonly Buffer[];
  /** Numbers of all records, as each log must have them in the end. */
  readonly records: number;
}

function sinksIn(folder: string): NamedSinkSpec[] {
  return ["a", "b"].map((name) => ({ name, spec: { type: "file", path: join(folder, `${name}.log`) } }));
}

/** Makes it with the real ends of the ring; the logs lie in `folder`. `earlier`: so many records before the kill. */
export function makeDeadRing(folder: string, earlier = 0, pending = PENDING): DeadRing {
  const all = RECORDS - earlier;
  mkdirSync(folder, { recursive: true });
  const memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: EPOCH, pid: PID, startPosition: START });
  const bytes = Buffer.from(memory);
  const producer = new Producer(memory, 0);
  const dictionary = new DictionaryWriter(dictionaryRegion(memory, 0));
  const config = dictionary.append(ENTRY_CONFIG, JSON.stringify(CONFIG), PLENTY);
  const bindings = dictionary.append(ENTRY_TEXT, ',"host":"here"', PLENTY);
  const shape = dictionary.append(ENTRY_SHAPE, "n", PLENTY, 0);
  const sinks = sinksIn(folder);
  const start: DrainStart = { memory, sinks, parkAfterMs: 0, recover: [], notes: undefined };
  const put = (n: number): boolean => {
    const text = `record ${n} ${"x".repeat((n * 37) % 160)}`;
    const payload = Buffer.alloc(20 + 4 + 4 + ((text.length + 3) & ~3));
    payload.writeDoubleLE(TIME + (n >> 4), 0);
    for (const [i, word] of [config, bindings, shape, TAG_INT24 | (n << 8), TAG_PLAIN | (text.length << 8)].entries())
      payload.writeInt32LE(word, 8 + i * 4);
    payload.write(text, 28);
    const at = producer.tryClaim(payload.length);
    if (at === FULL) return false;
    payload.copy(bytes, at);
    producer.commit(frameTag(FRAME_RECORD, 0, 0), payload.length);
    return true;
  };
  const carryAll = (only?: number): void => {
    const ownership = new Ownership(memory, 1);
    ownership.take();
    const carrier = new Carrier(start, ownership, fail, undefined, only);
    while (carrier.hasMore) carry(carrier);
    carrier.close();
    ownership.give();
  };
  let n = 0;
  for (; n < all - pending; n++) {
    if (put(n)) continue;
    carryAll();
    n--;
  }
  carryAll();
  for (; n < all - pending / 2; n++) put(n);
  const log = sinks.map(({ spec }) => (spec.type === "file" ? spec.path : ""));
  const before = new CommitSlots(memory, 0, 0).read()!;
  const length = statSync(log[0]!).size;
  carryAll(0);
  // Its last write: begun, and not all of it arrived.
  const after = new CommitSlots(memory, 0, 0).read()!;
  new CommitSlots(memory, 0, 0).store(
    after.turn - 1,
    before.position,
    length,
    after.identity,
    before.delivered,
    before.seq,
  );
  truncateSync(log[0]!, length + pending * 10);
  for (; n < all; n++) put(n);
  const owner: RingOwner = {
    identity: { pid: PID, startTime: "1", bootId: "none", pidNamespace: "none" },
    hasLock: true,
    epoch: EPOCH,
    lane: 0,
    capacity: CAPACITY,
    sinks,
    createdAt: "2026-01-01T00:00:00.000Z",
  };
  const lane = Buffer.from(Buffer.from(memory, laneOffset(0, CAPACITY), laneBytes(CAPACITY)));
  const file = Buffer.concat([lane, encodeOwner(owner)]);
  const text = extracted(Buffer.from(file)).text;
  return {
    bytes: file,
    frames: framesOf(memory, text, all - pending),
    text,
    logs: log.map((path) => readFileSync(path)),
    records: n,
  };
}

export interface Extracted {
  readonly text: string;
  readonly extraction: Extraction;
}

/** What comes out of these bytes, which are written to. `folder`: where the file would lie. */
export function extracted(bytes: Buffer, folder = "nowhere", makeMemory = adoptLanes): Extracted {
  const file = { fd: -1, path: join(folder, "x.ring") };
  const group = { base: "a.log", pid: PID, epoch: (EPOCH >>> 0).toString(16).padStart(8, "0") };
  const extraction = extractAdopted(adoptRead(group, [{ file, bytes, page: findOwnerPage(bytes) }], makeMemory));
  let text = "";
  for (const lines of extraction.lines) text += lines.text.toString("utf8");
  return { text, extraction };
}

/** Puts the file and the logs into a folder as the kill left them, and answers the group a recovery takes. */
export function layOut(folder: string, ring: DeadRing, bytes: Buffer): RingGroup {
  const spill = join(folder, ".spillway");
  rmSync(spill, { recursive: true, force: true });
  mkdirSync(spill, { recursive: true });
  const path = ringPath({ folder: spill, base: "a.log", pid: PID, epoch: EPOCH }, 0);
  writeFileSync(path, bytes);
  for (const [index, { spec }] of sinksIn(folder).entries()) {
    // In place: the commit slots name the file by its inode.
    if (spec.type !== "file") continue;
    truncateSync(spec.path, 0);
    writeFileSync(spec.path, ring.logs[index]!, { flag: "r+" });
  }
  return {
    base: "a.log",
    pid: PID,
    epoch: (EPOCH >>> 0).toString(16).padStart(8, "0"),
    files: [{ fd: openSync(path, "r+"), path }],
  };
}

const CONFIG = {
  levels: [{ value: 30, label: "info", open: '{"level":30' }],
  timeOpen: ',"time":',
  time: "epoch",
  messageKey: "msg",
  nestedOpen: "",
  end: "}\n",
  name: "",
};

function framesOf(memory: SharedArrayBuffer, text: string, first: number): PendingFrame[] {
  const lines = text.split("\n").slice(0, -1);
  const words = new Int32Array(memory, laneOffset(0, CAPACITY) + FRAMES_OFFSET, CAPACITY / 4);
  const consumer = new Consumer(memory, 0);
  const frames: PendingFrame[] = [];
  let taken = 0;
  for (let position = consumer.ackedTo; position !== consumer.committedTo; ) {
    const offset = position & (CAPACITY - 1);
    const length = words[offset / 4]!;
    const from = FRAMES_OFFSET + offset;
    const isPad = frameKind(words[offset / 4 + 1]!) === FRAME_PAD;
    const n = first + taken;
    if (!isPad) taken++;
    frames.push({
      n: isPad ? undefined : n,
      from,
      to: from + FRAME_HEADER_BYTES + length,
      line: isPad ? "" : `${lines[taken - 1]!}\n`,
    });
    position = (position + alignFrame(FRAME_HEADER_BYTES + length)) >>> 0;
  }
  return frames;
}

function fail(message: string): void {
  throw new Error(message);
}
