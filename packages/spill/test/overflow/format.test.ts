/** docs/formats/spill.md says what the code does, byte for byte. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { crc32c, FRAME_TEXT, frameTag } from "@spillway/core";
import { expect, test, vi } from "vitest";
import * as layout from "../../src/overflow/layout.ts";
import { dumpsIn, hexDump } from "./hex-dump.ts";
import { StreamUnderTest } from "./stream-under-test.ts";

const TIME = 1_700_000_000_000;
const document = readFileSync(path.join(import.meta.dirname, "../../../../docs/formats/spill.md"), "utf8");

test("docs/formats/spill.md: the example segment is what the code makes", () => {
  vi.useFakeTimers({ now: TIME, toFake: ["Date"] });
  using stream = new StreamUnderTest();
  const writer = stream.writer({ uuid: Uint8Array.from({ length: 16 }, (_, i) => i) });
  for (const [seq, text] of ['{"msg":"a"}\n', '{"msg":"bc"}\n'].entries()) {
    const line = Buffer.from(`........${text}`);
    line.writeDoubleLE(TIME);
    expect(writer.append(frameTag(FRAME_TEXT, 0, 0), 40 + seq, line)).toBe("ok");
  }
  vi.useRealTimers();
  const reader = stream.reader();
  reader.drain(
    () => true,
    () => undefined,
    1,
  );
  reader.ack(reader.drainedTo);
  const [file] = stream.paths();
  expect(dumpsIn(document)).toEqual([hexDump(readFileSync(file!))]);
});

test("docs/formats/spill.md: fields are where the constants say", () => {
  const constants: Record<string, unknown> = { ...layout };
  let checked = 0;
  for (const line of document.split("\n").filter((text) => text.startsWith("| "))) {
    const cells = line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim());
    const [place, second, , named] = cells;
    const name = `OVERFLOW_${cells.length === 6 ? named : second}`;
    if (!/^\d+$/.test(place!) || !(name in constants)) continue;
    expect(`${name} at ${place}`).toBe(`${name} at ${constants[name]}`);
    checked++;
  }
  expect(checked).toBe(9 + 2 + 2 + 3);
});

test("docs/formats/spill.md: the checksum is the one it names", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe306_9283);
  expect(document).toContain("0xe3069283");
});
