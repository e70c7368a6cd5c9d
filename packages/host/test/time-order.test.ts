import { readdirSync } from "node:fs";
import { Random, TempFolder } from "@spillway/testkit";
import { expect, test } from "vitest";
import { TimeOrder } from "../src/time-order.ts";

/** Per source its lines, each with its time; undefined: it has none. */
type Lines = readonly { readonly text: string; readonly timeMs: number | undefined }[];

function merged(sources: readonly Lines[], perBatch = 7): { lines: string[]; records: number } {
  using folder = new TempFolder();
  const order = new TimeOrder(folder.file("sorting"));
  expect(readdirSync(folder.path)).toEqual([]);
  for (const source of sources) {
    order.beginSource();
    for (let from = 0; from < source.length; from += perBatch) {
      const times: { startsAt: number; timeMs: number }[] = [];
      let text = "";
      const batch = source.slice(from, from + perBatch);
      for (const line of batch) {
        if (line.timeMs !== undefined) times.push({ startsAt: Buffer.byteLength(text), timeMs: line.timeMs });
        text += `${line.text}\n`;
      }
      order.add(Buffer.from(text), batch.length, times);
    }
  }
  let text = "";
  let records = 0;
  for (const part of order.merged()) {
    text += part.text.toString("utf8");
    records += part.records;
  }
  order.close();
  return { lines: text.split("\n").slice(0, -1), records };
}

function line(text: string, timeMs?: number): Lines[number] {
  return { text, timeMs };
}

test("time order: lines of several sources come by their times", () => {
  const a = [line("a1", 1), line("a4", 4), line("a5", 5)];
  const b = [line("b2", 2), line("b3", 3), line("b6", 6)];
  expect(merged([b, [], a])).toEqual({ lines: ["a1", "b2", "b3", "a4", "a5", "b6"], records: 6 });
});

test("time order: a line without a time stays behind the one before it, at the start of its source in front of all", () => {
  const a = [line("a?"), line("a5", 5), line("a5?"), line("a5??"), line("a9", 9)];
  const b = [line("b5", 5), line("b5?"), line("b NaN", Number.NaN), line("b7", 7)];
  for (const perBatch of [1, 2, 7]) {
    expect(merged([a, b], perBatch).lines).toEqual(["a?", "a5", "a5?", "a5??", "b5", "b5?", "b NaN", "b7", "a9"]);
  }
});

test("time order: a source whose clock went back keeps its own order", () => {
  const a = [line("a9", 9), line("a1", 1), line("a2", 2)];
  expect(merged([a, [line("b3", 3), line("b10", 10)]]).lines).toEqual(["b3", "a9", "a1", "a2", "b10"]);
});

test("time order: 200 sources with 10,000 lines of all lengths, some longer than a window, are merged, none lost", () => {
  const random = new Random(7);
  let serial = 0;
  const sources: Lines[] = Array.from({ length: 200 }, (_, source) => {
    let timeMs = random.between(0, 99);
    return Array.from({ length: 50 }, () => {
      timeMs += random.between(0, 49);
      const filler = "x".repeat(random.chance(1 / 500) ? 300_000 : random.between(0, 59));
      return line(`${timeMs} ${source} ${serial++} ${filler}`, timeMs);
    });
  });
  const { lines, records } = merged(sources);
  expect(records).toBe(10_000);
  expect(new Set(lines).size).toBe(10_000);
  const times = lines.map((text) => Number(text.split(" ")[0]));
  expect(times).toEqual(times.toSorted((x, y) => x - y));
  for (const [index, source] of sources.entries()) {
    const own = lines.filter((text) => text.split(" ")[1] === `${index}`);
    if (own.join() !== source.map(({ text }) => text).join()) expect.fail(`source ${index} is not in its order`);
  }
});
