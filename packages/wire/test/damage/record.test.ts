/** Payloads with flipped bits: the ring does not notice them, so the reader of records has to live with them. */
import { DamagedFrameError, TAG_ASCII, TAG_LONG_JSON, TAG_TEMPLATE } from "@spillway/core";
import { beforeEach, expect, test } from "vitest";
import { type Call, WireUnderTest } from "../wire-under-test.ts";

const STOLEN = "STOLEN_FROM_THE_NEXT_FRAME";
const OTHER_LINE = "a line that was there before\n";

let wire: WireUnderTest;

beforeEach(() => {
  wire = new WireUnderTest();
});

interface Outcome {
  /** Of what was written, the first mebibyte. */
  readonly text: string;
  /** All of it, in bytes. */
  readonly bytes: number;
  readonly error: unknown;
}

/** Writes the record at `start` behind a line of somebody else. */
function write(): Outcome {
  wire.out.at = 0;
  wire.out.utf8(OTHER_LINE);
  let error: unknown;
  try {
    wire.lines.write(wire.start, 0, wire.length);
  } catch (caught) {
    error = caught;
  }
  const bytes = wire.out.at;
  const text = wire.out.bytes.utf8Slice(0, Math.max(0, Math.min(bytes, 2 ** 20)));
  // What one of them made grow is not kept.
  if (wire.out.bytes.length > 2 ** 20) wire.out.bytes = Buffer.allocUnsafeSlow(4096);
  return { text, bytes, error };
}

/** Encodes a record, and puts what must not be seen in its place behind it. */
function prepare(call: Call): void {
  for (let i = 0; i < 3; i++) wire.encode(call);
  wire.reader.refresh();
  for (let at = wire.start + wire.length; at < wire.start + wire.length + 65_536; at += 32) {
    wire.bytes.writeInt32LE(TAG_ASCII | (STOLEN.length << 8), at);
    wire.bytes.write(STOLEN, at + 4);
  }
}

function eachFlip(look: (outcome: Outcome, bit: number) => void): void {
  for (let bit = 0; bit < wire.length * 8; bit++) {
    const at = wire.start + (bit >> 3);
    wire.bytes[at]! ^= 1 << (bit & 7);
    look(write(), bit);
    wire.bytes[at]! ^= 1 << (bit & 7);
  }
}

const RECORD: Call = {
  fields: {
    id: 7,
    rate: 1.5,
    big: 2 ** 30,
    ok: true,
    none: null,
    plain: "abc",
    escaped: 'a"b',
    text: "é",
    list: [1, "x", { deep: [] }],
    "\ud800": "extra",
  },
  message: "a message that is known by now",
  bindings: ',"pid":1',
};

test("record: any one flipped bit of a payload ends in a line or in an error, and leaves the lines before it alone", {
  timeout: 120_000,
}, () => {
  prepare(RECORD);
  const kinds = new Set<string>();
  let lines = 0;
  eachFlip(({ text, error }) => {
    expect(text.startsWith(OTHER_LINE)).toBe(true);
    if (error === undefined) lines++;
    else kinds.add((error as Error).name);
  });
  expect(lines).toBeGreaterThan(0);
  expect(kinds).toContain("DamagedFrameError");
});

test("record: unharmed, it reads as before, after all of that", () => {
  prepare(RECORD);
  const before = write().text;
  eachFlip(() => {});
  expect(write()).toMatchObject({ text: before, error: undefined });
});

test("record: nested too deep is damage", () => {
  prepare({ fields: { list: [1] } });
  // An array in an array in an array ... where the list's element was.
  const at = wire.start + 24;
  for (let i = 0; i < 1000; i++) wire.bytes.writeInt32LE(16 | (1 << 8), at + i * 4);
  expect(write().error).toBeInstanceOf(DamagedFrameError);
});

// Known to be wrong, all for one reason: the reader of records is not told where the payload ends. To be turned into
// plain tests with the repair.

test("record: no flipped bit makes a line show bytes from behind its payload", { timeout: 120_000 }, () => {
  prepare(RECORD);
  let stolen = 0;
  eachFlip(({ text }) => {
    if (text.includes(STOLEN)) stolen++;
  });
  expect(stolen).toBe(0);
});

test("record: no flipped bit makes a line longer than six bytes for each of its payload, and what the dictionary adds", {
  timeout: 120_000,
}, () => {
  prepare(RECORD);
  let longest = 0;
  eachFlip(({ bytes }) => {
    longest = Math.max(longest, bytes);
  });
  expect(longest).toBeLessThan(wire.length * 6 + 2000);
});

test("record: a negative length is damage", () => {
  prepare({ message: "x".repeat(300) });
  wire.bytes.writeInt32LE(TAG_LONG_JSON, wire.start + 20);
  wire.bytes.writeInt32LE(-8, wire.start + 24);
  const { text, error } = write();
  expect(error).toBeInstanceOf(DamagedFrameError);
  expect(text.startsWith(OTHER_LINE)).toBe(true);
});

test("record: more arguments than the payload can hold are damage", () => {
  for (let i = 0; i < 3; i++) wire.encode({ message: "%s there", args: ["hello"] });
  expect(write().text).toContain('"hello there"');
  expect(wire.bytes[wire.start + 20]).toBe(TAG_TEMPLATE);
  // A higher bit would keep the reader busy until it is out of memory: behind the end of the memory all reads as 0.
  wire.bytes.fill(0, wire.start + wire.length);
  wire.bytes[wire.start + 24 + 2]! ^= 0x20;
  expect(write().error).toBeInstanceOf(DamagedFrameError);
});

test("record: a flipped bit raises nothing but DamagedFrameError", { timeout: 120_000 }, () => {
  prepare(RECORD);
  const others = new Set<string>();
  eachFlip(({ error }) => {
    if (error !== undefined && !(error instanceof DamagedFrameError)) others.add(String(error));
  });
  expect([...others]).toEqual([]);
});

test("record: a time that is none is no reason to throw a RangeError", () => {
  wire = new WireUnderTest({ config: { time: "iso" } });
  prepare({ message: "m" });
  wire.bytes.writeDoubleLE(Number.NaN, wire.start);
  expect(write().error).not.toBeInstanceOf(RangeError);
});
