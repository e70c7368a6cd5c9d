/** A record that is kept in a file of its own: what is damaged of it is told, and nothing else is read or removed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { encodeFar, FRAME_FAR, frameTag } from "@spillway/core";
import { JsonBytes } from "@spillway/format";
import { makeMemory } from "@spillway/ring";
import { TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { FrameLines } from "../../src/frame-lines.ts";
import { CAPACITY, makeDeadRing } from "./dead-ring.ts";

const AT = 64;

interface Far {
  readonly frame: Uint8Array;
  readonly path: string;
  readonly file: Buffer;
  /** What the worker makes of the frame. */
  readonly read: (frame: Uint8Array) => { text: string; unreadable: number; remove: readonly string[] };
}

/** The payload of a real record, in a file, and the dictionary it needs. */
function makeFar(folder: TempFolder): Far {
  const ring = makeDeadRing(folder.file("ring"));
  const { from, to, line } = ring.frames.find(({ n }) => n !== undefined)!;
  const path = folder.file("1.far");
  const file = Buffer.from(ring.bytes.subarray(from + 16, to));
  writeFileSync(path, file);
  const memory = makeMemory({ lanes: 1, capacity: CAPACITY, epoch: 1, pid: 1 });
  Buffer.from(memory).set(ring.bytes.subarray(0, 1024 * 1024), memory.byteLength - CAPACITY - 1024 * 1024);
  const read = (frame: Uint8Array): ReturnType<Far["read"]> => {
    const lines = new FrameLines(memory, 0, new JsonBytes(4096), undefined);
    const bytes = Buffer.alloc(AT + frame.length);
    bytes.set(frame, AT);
    lines.readFrom(bytes);
    lines.begin();
    lines.add(frameTag(FRAME_FAR, 0, 0), AT, frame.length);
    const text = lines.text.bytes.toString("utf8", 0, lines.text.at);
    return { text, unreadable: lines.quarantined, remove: lines.farFiles };
  };
  const frame = encodeFar(Buffer.from(path), file);
  expect(read(frame)).toEqual({ text: line, unreadable: 0, remove: [path] });
  return { frame, path, file, read };
}

test("far: a flipped bit of its frame is told, and no other file is read or removed", () => {
  using folder = new TempFolder();
  const { frame, path, file, read } = makeFar(folder);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = frame.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    // Whatever path that names: were it believed, it would be there to be read and removed.
    const named = Buffer.from(damaged.subarray(8)).toString();
    if (!named.includes("\0") && !named.slice(folder.path.length + 1).includes("/") && named.startsWith(folder.path))
      writeFileSync(named, file);
    const { text, unreadable, remove } = read(damaged);
    expect(text, `bit ${bit}`).toContain('"unreadable":"the path of a large record is damaged"');
    expect({ unreadable, remove }).toEqual({ unreadable: 1, remove: [] });
  }
  expect(existsSync(path)).toBe(true);
});

test("far: a flipped bit of its file is told, and so is a file that was cut off or is longer; it is kept", () => {
  using folder = new TempFolder();
  const { frame, path, file, read } = makeFar(folder);
  const isTold = (bytes: Buffer): void => {
    writeFileSync(path, bytes);
    const { text, unreadable, remove } = read(frame);
    expect(text).toContain(`"unreadable":"the file of a large record is damaged: ${path}"`);
    expect({ unreadable, remove }).toEqual({ unreadable: 1, remove: [] });
  };
  for (let bit = 0; bit < file.length * 8; bit++) {
    const damaged = Buffer.from(file);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    isTold(damaged);
  }
  for (let length = 0; length < file.length; length++) isTold(file.subarray(0, length));
  isTold(Buffer.concat([file, Buffer.alloc(1)]));
  expect(readFileSync(path)).toHaveLength(file.length + 1);
});

test("far: a file that is gone is told", () => {
  using folder = new TempFolder();
  const { frame, read } = makeFar(folder);
  const other = encodeFar(Buffer.from(folder.file("2.far")), Buffer.alloc(3));
  expect(read(other)).toMatchObject({ unreadable: 1, remove: [] });
  expect(read(frame).unreadable).toBe(0);
});
