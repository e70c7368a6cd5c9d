import { expect, test } from "vitest";
import { block, plainLine, progress } from "../picture.mjs";
import { duration, percent, size } from "../words.mjs";

const SEEN = {
  phase: "working",
  files: 50,
  filesAll: 200,
  bytes: 25e6,
  bytesAll: 100e6,
  records: 4000,
  linesInFile: 3999,
  bytesInFile: 1e6,
  errors: 2,
  ringBytes: 512,
  medianNs: 210,
  p99Ns: 1900,
  elapsedMs: 5000,
  limitMs: 60_000,
};

test("progress: ends with the files when they end first", () => {
  expect(progress(SEEN)).toEqual({ share: 0.25, leftMs: 15_000 });
});

test("progress: ends with the time when it ends first", () => {
  const { share, leftMs } = progress({ ...SEEN, bytes: 1e6, limitMs: 10_000 });
  expect(share).toBe(0.5);
  expect(leftMs).toBe(5000);
});

test("block: has as many lines each time, none wider than the terminal", () => {
  for (const columns of [20, 40, 80, 200]) {
    const lines = block({ ...SEEN, records: 123_456_789 }, columns);
    expect(lines).toHaveLength(block(SEEN, 80).length);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  }
});

test("plain line: says the same in one line", () => {
  expect(plainLine(SEEN)).toBe(
    " 25 %, 15 s left, 50 files, 25.0 MB, 4,000 records logged, 99.9 % in the file, call 210 ns (p99 1.9 µs), ring 512 B",
  );
});

test("words: figures keep their meaning at the edges", () => {
  expect(percent(99_999, 100_000)).toBe("99.9 %");
  expect(percent(5, 5)).toBe("100 %");
  expect(size(999)).toBe("999 B");
  expect(duration(1500)).toBe("1.5 µs");
});
