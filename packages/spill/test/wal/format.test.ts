/** The worked example and the tables of docs/formats/wal.md are what the code makes. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { putFrame } from "../../src/wal/frame-bytes.ts";
import { encodeHeader } from "../../src/wal/header.ts";
import * as layout from "../../src/wal/layout.ts";
import { encodeSlot, encodeState } from "../../src/wal/state.ts";

const document = readFileSync(path.join(import.meta.dirname, "../../../../docs/formats/wal.md"), "utf8");
const UUID = "000102030405060708090a0b0c0d0e0f";
const EPOCH = 0x1234_5678;

/** Bytes as people read them: 16 a row, the place in front, rows of zeros left out. */
function hexDump(bytes: Buffer): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    if (row.every((byte) => byte === 0)) continue;
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`;
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(6, "0")}  ${halves.padEnd(48)}  |${text}|`);
  }
  return rows.join("\n");
}

function exampleSegment(): Buffer {
  const header = encodeHeader({
    uuid: UUID,
    epoch: EPOCH,
    number: 1,
    firstSeq: 1,
    settledTo: 0,
    prunedTo: 0,
    created: 1_700_000_000_000,
    pid: 4711,
    capacity: 4096,
  });
  const frames = Buffer.alloc(96);
  const at = putFrame(frames, 0, { seq: 1, tag: 1, payload: Buffer.from("first"), epoch: EPOCH });
  const end = putFrame(frames, at, { seq: 2, tag: 257, payload: Buffer.from("the second one"), epoch: EPOCH });
  return Buffer.concat([header, frames.subarray(0, end)]);
}

function exampleState(): Buffer {
  const state = encodeState(UUID, 0);
  encodeSlot({ uuid: UUID, turn: 2, prunedTo: 1 }).copy(state);
  return state;
}

test("docs/formats/wal.md: the example segment and state are what the code makes", () => {
  const dumps = [...document.matchAll(/^```hexdump\n([\s\S]*?)```$/gm)].map((match) => match[1]!.trimEnd());
  expect(dumps).toEqual([hexDump(exampleSegment()), hexDump(exampleState())]);
});

test("docs/formats/wal.md: fields are where the constants say", () => {
  const constants: Record<string, unknown> = { ...layout };
  const [headerPart = "", slotPart = ""] = document.split("## The state");
  let checked = 0;
  for (const [text, prefix] of [
    [headerPart, "WAL_HEADER_"],
    [slotPart, "WAL_SLOT_"],
  ] as const) {
    for (const [, offset, name] of text.matchAll(/^\| (\d+) \| \d+ \| \w+ \| ([A-Z_]+) \|/gm)) {
      const constant = constants[`${prefix}${name}`];
      if (constant === undefined) continue;
      expect(`${name} at ${offset}`).toBe(`${name} at ${constant}`);
      checked++;
    }
  }
  expect(checked).toBe(10 + 4);
});

test("wal layout: a frame takes its header, payload and checksum, up to the next multiple of 16", () => {
  for (let length = 0; length < 100; length++) {
    const bytes = layout.walFrameBytes(length);
    expect(bytes % 16).toBe(0);
    expect(bytes - (16 + length + 4)).toBeLessThan(16);
    expect(bytes).toBeGreaterThanOrEqual(16 + length + 4);
  }
  expect(layout.walFrameBytes(0)).toBe(layout.WAL_MIN_FRAME_BYTES);
  expect(layout.walFrameBytes(0x7fff_ffff)).toBe(2 ** 31 + 32);
});
