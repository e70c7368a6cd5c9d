import { DamagedFrameError } from "@spillway/core";
import { expect, test } from "vitest";
import { COMMITTED, CONSUMER_ACKED, CONSUMER_DRAINED, CONSUMERS, Consumer } from "../src/index.ts";
import { BEFORE_WRAP, CAPACITY, LaneUnderTest, payloadOf, RECORD } from "./lane-under-test.ts";

function laneWith(frames: number, length = 100): LaneUnderTest {
  const lane = new LaneUnderTest();
  for (let frame = 0; frame < frames; frame++) lane.put(payloadOf(frame, length));
  return lane;
}

function numbersOf(taken: readonly { bytes: Buffer }[]): number[] {
  return taken.map(
    ({ bytes }) => Array.from({ length: 500 }, (_, i) => i).find((i) => payloadOf(i, bytes.length).equals(bytes)) ?? -1,
  );
}

test("consumer: hands frames over with their tag", () => {
  const lane = new LaneUnderTest();
  lane.put(payloadOf(0, 8), 0x7fff_0501);
  lane.put(payloadOf(1, 8), 0x8000_0003 | 0);
  expect(lane.take().map((frame) => frame.tag)).toEqual([0x7fff_0501, 0x8000_0003 | 0]);
});

test("consumer: answers how many frames it handed over, and stops at the limit", () => {
  const lane = laneWith(10);
  expect(lane.consumer.drain(() => true, 3)).toBe(3);
  expect(lane.consumer.drain(() => true, 100)).toBe(7);
  expect(lane.consumer.drain(() => true, 100)).toBe(0);
});

test("consumer: begins no frame once it has passed the limit of bytes", () => {
  const lane = laneWith(10, 112);
  expect(lane.consumer.drain(() => true, 100, 128)).toBe(1);
  expect(lane.consumer.drain(() => true, 100, 129)).toBe(2);
});

test("consumer: goes on after a handler threw, without handing the frame over twice", () => {
  const lane = laneWith(5);
  let count = 0;
  const failing = (): boolean => {
    if (++count === 3) throw new Error("handler");
    return true;
  };
  expect(() => lane.consumer.drain(failing, 10)).toThrow("handler");
  expect(numbersOf(lane.take())).toEqual([3, 4]);
});

test("consumer: stops in front of a frame its handler refuses", () => {
  const lane = laneWith(5);
  let count = 0;
  expect(lane.consumer.drain(() => ++count < 3, 10)).toBe(2);
  expect(numbersOf(lane.take())).toEqual([2, 3, 4]);
});

test("consumer: hands over what was committed when the drain began, not what its handler adds", () => {
  const lane = laneWith(2);
  expect(lane.consumer.drain(() => lane.put(payloadOf(9, 10)), 10)).toBe(2);
  expect(lane.consumer.drain(() => true, 10)).toBe(2);
});

test("consumer: frees nothing by draining, everything before the position by acking", () => {
  const lane = laneWith(2);
  lane.take();
  expect(lane.consumer.ackedTo).toBe(0);
  lane.consumer.ack(lane.consumer.drainedTo);
  expect(lane.consumer.ackedTo).toBe(lane.producer.committedTo);
});

test("consumer: hands frames over again after a rewind", () => {
  const lane = laneWith(3);
  lane.take(1);
  const second = lane.consumer.drainedTo;
  lane.take();
  lane.consumer.rewind(second);
  expect(numbersOf(lane.take())).toEqual([1, 2]);
});

test("consumer: one that takes over begins with what was drained and not acked", () => {
  const lane = laneWith(4);
  lane.take(1);
  lane.consumer.ack(lane.consumer.drainedTo);
  lane.take(2);
  expect(numbersOf(lane.take(10, new Consumer(lane.memory, 0)))).toEqual([1, 2, 3]);
});

test("consumer: several read the same frames, each at its own pace", () => {
  const lane = new LaneUnderTest();
  const second = new Consumer(lane.memory, 0, 1);
  second.activate();
  for (let frame = 0; frame < 4; frame++) lane.put(payloadOf(frame, 20));
  expect(numbersOf(lane.take(3))).toEqual([0, 1, 2]);
  expect(numbersOf(lane.take(1, second))).toEqual([0]);
  expect(numbersOf(lane.take(9, second))).toEqual([1, 2, 3]);
});

test("consumer: one that is activated late sees only frames committed from then on", () => {
  const lane = laneWith(3);
  const late = new Consumer(lane.memory, 0, 7);
  late.activate();
  lane.put(payloadOf(3, 100));
  expect(numbersOf(lane.take(9, late))).toEqual([3]);
});

test("consumer: its cursors stand where the layout says", () => {
  const lane = laneWith(2);
  lane.take(1);
  expect(lane.words[CONSUMERS + CONSUMER_DRAINED]).toBe(128);
  lane.consumer.ack(128);
  expect(lane.words[CONSUMERS + CONSUMER_ACKED]).toBe(128);
  expect(lane.words[COMMITTED]).toBe(256);
});

test("consumer: knows whether there is more, also across the end of the positions", () => {
  const lane = new LaneUnderTest({ start: BEFORE_WRAP });
  expect(lane.consumer.hasMore).toBe(false);
  lane.put(payloadOf(1, 48));
  lane.put(payloadOf(2, 48));
  expect(lane.consumer.hasMore).toBe(true);
  expect(lane.consumer.committedTo).toBe(64);
  lane.ackAll();
  expect(lane.consumer.hasMore).toBe(false);
});

test("consumer: refuses an end of the frames that no lane could have", () => {
  const lane = laneWith(3);
  lane.words[COMMITTED] = CAPACITY + 16;
  expect(() => lane.take()).toThrow(DamagedFrameError);
  lane.words[COMMITTED] = -16;
  expect(() => lane.take()).toThrow(DamagedFrameError);
});

test("consumer: refuses a frame that ends behind the end of the frames", () => {
  const lane = laneWith(3);
  lane.words[COMMITTED] = lane.words[COMMITTED]! - 16;
  let count = 0;
  expect(() => lane.consumer.drain(() => ++count > 0, 10)).toThrow(DamagedFrameError);
  expect(count).toBe(2);
});

test("consumer: an empty payload is a frame as well", () => {
  const lane = new LaneUnderTest();
  lane.put(Buffer.alloc(0), RECORD);
  expect(lane.take()).toEqual([{ tag: RECORD, bytes: Buffer.alloc(0) }]);
});
