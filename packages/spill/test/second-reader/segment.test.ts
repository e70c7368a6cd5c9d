/** Two readers, one of them written from the specification alone, say the same of good files and of damaged ones. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MODES } from "../overflow/damaged-segment.ts";
import { mutate, randomFrom } from "../overflow/mutations.ts";
import { payloadOf, StreamUnderTest } from "../overflow/stream-under-test.ts";
import { comparable, hasPython, type Job, ourReader, secondReader } from "./second-reader.ts";

const EACH = process.env["SPILLWAY_LONG"] === "1" ? 1000 : 100;

/** A stream of a few segments, some of it acked, some of its segments gone, as the seed says. */
function makeStream(seed: number): StreamUnderTest {
  const random = randomFrom(seed * 7919 + 1);
  const stream = new StreamUnderTest();
  const segmentBytes = 4096 + random(8000);
  const reader = stream.reader();
  let writer = stream.writer({ segmentBytes });
  const frames = random(40);
  for (let i = 0; i < frames; i++) {
    writer.append(random(0x7fff_ffff), random(0xffff_ffff), payloadOf(i, random(random(4) === 0 ? 3000 : 200)));
    if (random(15) === 0) writer = stream.writer({ segmentBytes });
    if (random(12) === 0) {
      reader.drain(
        () => true,
        () => undefined,
        random(9000),
      );
      if (reader.drainedTo > reader.ackedTo) reader.ack(reader.drainedTo);
    }
  }
  reader.close();
  writer.close();
  return stream;
}

/** Damage to one of the files or more; or to the row of them. */
function damage(stream: StreamUnderTest, seed: number): void {
  const random = randomFrom(seed * 104_729 + 3);
  const paths = stream.paths();
  for (let changes = 1 + random(2); changes > 0 && paths.length > 0; changes--) {
    const [file] = paths.splice(random(paths.length), 1);
    const other = paths[random(paths.length)];
    if (random(8) === 0) rmSync(file!);
    else if (random(10) === 0 && other !== undefined) copyFileSync(other, file!);
    else writeFileSync(file!, mutate(readFileSync(file!), seed + changes));
  }
}

function compare(streams: readonly StreamUnderTest[]): { frames: number; damages: number } {
  const jobs: Job[] = streams.map((stream, i) => ({
    paths: stream.paths(),
    mode: MODES[i % MODES.length]!,
    from: i % 3 === 0 ? "acked" : "start",
  }));
  const theirs = secondReader(jobs);
  expect(theirs.length).toBe(jobs.length);
  const counts = { frames: 0, damages: 0 };
  for (const [i, job] of jobs.entries()) {
    const ours = ourReader(job);
    expect(comparable(theirs[i]!), `stream ${i}, ${job.mode}`).toEqual(comparable(ours));
    for (const line of ours) {
      if (line.includes('"kind":"frame"')) counts.frames++;
      if (/"kind":"(damage|thrown)"/.test(line)) counts.damages++;
    }
  }
  return counts;
}

test(`second reader: says the same as ours of ${EACH} good streams`, { timeout: 600_000 }, (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  const streams = Array.from({ length: EACH }, (_, seed) => makeStream(seed));
  const { frames, damages } = compare(streams);
  for (const stream of streams) stream[Symbol.dispose]();
  expect(frames).toBeGreaterThan(EACH * 8);
  expect(damages).toBe(0);
});

test(`second reader: says the same as ours of ${EACH} damaged streams`, { timeout: 600_000 }, (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  const streams = Array.from({ length: EACH }, (_, seed) => {
    const stream = makeStream(seed);
    damage(stream, seed);
    return stream;
  });
  const { frames, damages } = compare(streams);
  for (const stream of streams) stream[Symbol.dispose]();
  expect(frames).toBeGreaterThan(EACH * 3);
  expect(damages).toBeGreaterThan(EACH / 2);
});

test("second reader, seeded: one bit of difference between what the two have read is seen", (ctx) => {
  if (!hasPython) ctx.skip("there is no python3 here");
  using stream = makeStream(5);
  const [file] = stream.paths();
  const job: Job = { paths: stream.paths(), mode: "skip-corrupt", from: "start" };
  const [theirs] = secondReader([job]);
  const bytes = readFileSync(file!);
  bytes[bytes.length - 6]! ^= 1;
  writeFileSync(file!, bytes);
  expect(comparable(theirs!)).not.toEqual(comparable(ourReader(job)));
});
