import { expect, test } from "vitest";
import { FailingFiles } from "./failing-files.ts";
import { drainAll, payloadOf, recover, StreamUnderTest, TAG } from "./stream-under-test.ts";

const KIB = 1024;

test("overflow: a full disk is an answer with a reason; what was torn is cut off, and it goes on where there is room", () => {
  using stream = new StreamUnderTest();
  const files = new FailingFiles();
  let nowMs = 0;
  const writer = stream.writer({ files, nowMs: () => nowMs });
  const reader = stream.reader();
  let seq = 0;
  for (let round = 0; round < 300; round++) {
    files.roomBytes = 4096 + round * 7;
    while (writer.append(TAG, seq, payloadOf(seq, 90 + (seq % 50))) === "ok") seq++;
    expect(writer.failure).toMatchObject({ code: "ENOSPC" });
    const before = files.calls;
    expect(writer.append(TAG, seq, payloadOf(seq, 10))).toBe("failed");
    expect(files.calls).toBe(before);
    if (round % 10 === 0)
      expect(recover(stream.paths(), undefined, "start")).toMatchObject({ frames: seq, damage: [] });
    files.roomBytes = Number.POSITIVE_INFINITY;
    nowMs += 20;
    expect(writer.append(TAG, seq, payloadOf(seq, 3 + (seq % 50)))).toBe("ok");
    expect(writer.failure).toBe(undefined);
    seq++;
  }
  const { frames, skipped } = drainAll(reader);
  expect(skipped).toEqual([]);
  expect(frames.map((frame) => frame.seq)).toEqual(Array.from({ length: seq }, (_, i) => i));
});

test("overflow: what could not be cut off is left behind for good, in a segment that nobody writes to any more", () => {
  using stream = new StreamUnderTest();
  const files = new FailingFiles();
  let nowMs = 0;
  const writer = stream.writer({ files, nowMs: () => nowMs });
  const reader = stream.reader();
  for (let seq = 0; seq < 20; seq++) {
    files.failing.set("truncate", "EIO");
    files.roomBytes = seq === 0 ? 4096 + 50 : 50;
    // Larger than what is left behind of it, then smaller.
    expect(writer.append(TAG, seq, payloadOf(seq, 1000))).toBe("failed");
    files.roomBytes = Number.POSITIVE_INFINITY;
    nowMs += 20;
    expect(writer.append(TAG, seq, payloadOf(seq, 10))).toBe("ok");
  }
  expect(stream.paths().length).toBe(21);
  expect(drainAll(reader)).toMatchObject({ skipped: [], frames: Array.from({ length: 20 }, (_, seq) => ({ seq })) });
  const recovered = recover(stream.paths(), "absolute", "start");
  expect(recovered.out.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test.each(["EIO", "EMFILE", "EACCES", "EROFS", "ENOSPC", "EDQUOT"])(
  "overflow: %s anywhere in an append is an answer, and passes",
  (code) => {
    for (const operation of ["create", "open", "write", "truncate", "list", "makeFolder"] as const) {
      using stream = new StreamUnderTest();
      const files = new FailingFiles();
      let nowMs = 0;
      const writer = stream.writer({ files, nowMs: () => nowMs, segmentBytes: 8 * KIB });
      const expected: number[] = [];
      for (let seq = 0; seq < 60; seq++) {
        if (seq % 3 === 0) files.failing.set(operation, code);
        else files.failing.delete(operation);
        nowMs += 20;
        const answer = writer.append(TAG, seq, payloadOf(seq, 500));
        if (answer === "ok") expected.push(seq);
        else expect({ answer, code: writer.failure!.code }).toEqual({ answer: "failed", code });
      }
      expect(expected.length).toBeGreaterThanOrEqual(40);
      const { frames, skipped } = drainAll(stream.reader());
      expect({ skipped, seqs: frames.map(({ seq }) => seq) }).toEqual({ skipped: [], seqs: expected });
      expect(recover(stream.paths(), "absolute", "start").frames).toBe(expected.length);
    }
  },
);

test("overflow: interrupted and short writes are carried on with", () => {
  using stream = new StreamUnderTest();
  const files = new FailingFiles();
  files.mostPerWrite = 7;
  const writer = stream.writer({ files });
  for (let seq = 0; seq < 10; seq++) expect(writer.append(TAG, seq, payloadOf(seq, 100))).toBe("ok");
  expect(recover(stream.paths(), "absolute").frames).toBe(10);
});

test.each(["open", "read", "list"] as const)(
  "overflow: a reader that cannot %s answers nothing, says why, and goes on later",
  (operation) => {
    using stream = new StreamUnderTest();
    const files = new FailingFiles();
    const writer = stream.writer({ segmentBytes: 8 * KIB });
    for (let seq = 0; seq < 60; seq++) writer.append(TAG, seq, payloadOf(seq, 500));
    files.failing.set(operation, "EMFILE");
    const reader = stream.reader(files);
    expect(drainAll(reader)).toEqual({ frames: [], skipped: [] });
    expect(reader.failure).toMatchObject({ code: "EMFILE" });
    files.failing.clear();
    expect(drainAll(reader)).toMatchObject({ skipped: [], frames: Array.from({ length: 60 }, (_, seq) => ({ seq })) });
    expect(reader.failure).toBe(undefined);
  },
);

test("overflow: an ack that cannot be noted is told to the writer all the same, and noted with the next", () => {
  using stream = new StreamUnderTest();
  const files = new FailingFiles();
  const writer = stream.writer();
  const reader = stream.reader(files);
  writer.append(TAG, 0, payloadOf(0, 10));
  drainAll(reader);
  files.failing.set("write", "EIO");
  reader.ack(reader.drainedTo);
  expect({ code: reader.failure?.code, isEmpty: writer.isEmpty }).toEqual({ code: "EIO", isEmpty: true });
  expect(recover(stream.paths()).frames).toBe(1);
  expect(stream.reader().ackedTo).toBe(reader.ackedTo);
  files.failing.clear();
  writer.append(TAG, 1, payloadOf(1, 10));
  drainAll(reader);
  reader.ack(reader.drainedTo);
  expect(recover(stream.paths()).frames).toBe(0);
});

test("overflow: a segment that somebody removed is reported by its positions, and the drain goes on behind it", () => {
  using stream = new StreamUnderTest();
  const writer = stream.writer({ segmentBytes: 8 * KIB });
  for (let seq = 0; seq < 60; seq++) writer.append(TAG, seq, payloadOf(seq, 500));
  const starts = new Map<string, number>();
  for (const { path, position } of recover(stream.paths()).out) {
    if (!starts.has(path)) starts.set(path, position - 4096);
  }
  const [first, second, third] = [...starts.values()];
  const files = new FailingFiles();
  files.remove(stream.paths()[1]!);
  const { frames, skipped } = drainAll(stream.reader());
  expect(skipped).toEqual([{ from: second, to: third, what: "missing" }]);
  expect(frames.length).toBe(60 - 7);
  expect(first).toBe(0);
  for (const mode of ["tolerate-tail", "skip-corrupt"] as const) {
    expect(recover(stream.paths(), mode)).toMatchObject({
      frames: 60 - 7,
      damage: [{ what: "missing", path: undefined, from: second, to: third }],
    });
  }
  expect(recover(stream.paths(), "point-in-time").frames).toBe(7);
  expect(() => recover(stream.paths(), "absolute")).toThrow("missing");
});
