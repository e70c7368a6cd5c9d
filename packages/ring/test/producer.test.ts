import { FRAME_HEADER_BYTES, FRAME_PAD, frameKind, RecordTooLargeError } from "@spillway/core";
import { expect, test } from "vitest";
import { COMMITTED, Consumer, FULL, laneOffset, Producer, SEQ } from "../src/index.ts";
import { BEFORE_WRAP, CAPACITY, EPOCH, LaneUnderTest, memoryOf, payloadOf, RECORD } from "./lane-under-test.ts";

/** Leaves exactly `bytes` between the tail and the end of an otherwise empty ring. */
function leaveBeforeEnd(lane: LaneUnderTest, bytes: number): void {
  let left = CAPACITY - bytes;
  while (left > 0) {
    const frame = Math.min(left, CAPACITY / 4);
    expect(lane.put(Buffer.alloc(frame - FRAME_HEADER_BYTES))).toBe(true);
    left -= frame;
  }
  lane.ackAll();
}

test("producer: hands over what was committed, byte for byte, in order", () => {
  const lane = new LaneUnderTest();
  const payloads = [0, 1, 15, 16, 17, 1000].map((length, frame) => payloadOf(frame, length));
  for (const payload of payloads) lane.put(payload);
  expect(lane.take().map((frame) => frame.bytes)).toEqual(payloads);
});

test("producer: answers FULL instead of overwriting frames not yet acked", () => {
  const lane = new LaneUnderTest();
  const count = lane.fill(100);
  expect(lane.producer.tryClaim(100)).toBe(FULL);
  const taken = lane.take();
  expect(lane.producer.tryClaim(100)).toBe(FULL);
  expect(taken.map((frame) => frame.bytes)).toEqual(Array.from({ length: count }, (_, i) => payloadOf(i, 100)));
});

test("producer: goes on as soon as the consumer has acked", () => {
  const lane = new LaneUnderTest();
  lane.fill(100);
  lane.ackAll();
  expect(lane.put(payloadOf(1, 100))).toBe(true);
});

test("producer: waits for the slowest of several consumers", () => {
  const lane = new LaneUnderTest();
  const second = new Consumer(lane.memory, 0, 1);
  second.activate();
  const count = lane.fill(100);
  lane.ackAll();
  expect(lane.producer.tryClaim(100)).toBe(FULL);
  expect(lane.take(Number.POSITIVE_INFINITY, second)).toHaveLength(count);
  second.ack(second.drainedTo);
  expect(lane.producer.tryClaim(100)).not.toBe(FULL);
});

test("producer: skips the stretch before the end when a frame does not fit there", () => {
  const lane = new LaneUnderTest();
  leaveBeforeEnd(lane, 64);
  const at = lane.producer.tryClaim(100);
  expect(at).toBe(laneOffset(0, CAPACITY) + 2 ** 20 + FRAME_HEADER_BYTES);
  lane.bytes.set(payloadOf(7, 100), at);
  lane.producer.commit(RECORD, 100);
  expect(lane.take().map((frame) => frame.bytes)).toEqual([payloadOf(7, 100)]);
});

test("producer: uses the stretch before the end to its last byte", () => {
  const lane = new LaneUnderTest();
  leaveBeforeEnd(lane, 64);
  const before = lane.producer.committedTo;
  expect(lane.put(payloadOf(1, 48))).toBe(true);
  expect(lane.producer.committedTo - before).toBe(64);
  expect(lane.producer.committedTo % CAPACITY).toBe(0);
});

test("producer: offers all free space in one piece, up to the end", () => {
  const lane = new LaneUnderTest();
  leaveBeforeEnd(lane, 4096);
  // A new producer has to look for itself; one that knows the stretch may offer 16 bytes less.
  const producer = new Producer(lane.memory, 0);
  const at = producer.tryClaim(1);
  expect(producer.claimEnd - at).toBe(4096 - FRAME_HEADER_BYTES);
});

test("producer: keeps the reserve free for those who may not use it", () => {
  const lane = new LaneUnderTest();
  const reserve = CAPACITY / 16;
  let count = 0;
  while (lane.put(payloadOf(count, 48), RECORD, reserve)) count++;
  expect(count * 64).toBe(CAPACITY - reserve);
  expect(lane.producer.tryClaim(48, reserve)).toBe(FULL);
  expect(lane.put(payloadOf(count, 48))).toBe(true);
});

test("producer: does not offer the reserve as a part of a claim", () => {
  const lane = new LaneUnderTest();
  const reserve = CAPACITY / 16;
  const at = lane.producer.tryClaim(16, reserve);
  expect(lane.producer.claimEnd - at).toBe(CAPACITY - reserve - FRAME_HEADER_BYTES);
});

test("producer: fills the ring to its end although the reserve lies behind it", () => {
  const lane = new LaneUnderTest();
  leaveBeforeEnd(lane, 64);
  const before = lane.producer.committedTo;
  expect(lane.put(payloadOf(1, 48), RECORD, CAPACITY / 2)).toBe(true);
  expect(lane.producer.committedTo - before).toBe(64);
});

test("producer: takes frames of half the ring, wherever the tail of an empty ring stands", () => {
  for (let left = 16; left <= CAPACITY; left += 4080) {
    const lane = new LaneUnderTest();
    leaveBeforeEnd(lane, left);
    const payload = payloadOf(left, lane.producer.maxPayload);
    expect(lane.put(payload)).toBe(true);
    expect(lane.take()[0]?.bytes.equals(payload)).toBe(true);
  }
});

test("producer: refuses what no empty ring could hold", () => {
  const { producer } = new LaneUnderTest();
  expect(() => producer.tryClaim(producer.maxPayload + 1)).toThrow(RecordTooLargeError);
});

test("producer: never offers less than was asked for, nor what is not free, whatever reserve and end of the ring do", () => {
  const lane = new LaneUnderTest();
  for (let i = 0; i < 3000; i++) {
    const length = (i * 397) % 1500;
    const reserve = (i % 5) * 4096;
    const at = lane.producer.tryClaim(length, reserve);
    if (at !== FULL) {
      expect(lane.producer.claimEnd - at).toBeGreaterThanOrEqual(length);
      lane.producer.commit(RECORD, length);
    }
    expect(lane.producer.committedTo - lane.consumer.ackedTo).toBeLessThanOrEqual(CAPACITY);
    if (i % 3 === 0) lane.ackAll();
  }
});

test("producer: publishes nothing of a claim that is given back", () => {
  const lane = new LaneUnderTest();
  const at = lane.producer.tryClaim(100);
  lane.bytes.fill(0xff, at, at + 100);
  lane.producer.abort();
  expect(lane.take()).toEqual([]);
  expect(lane.put(payloadOf(1, 5))).toBe(true);
  expect(lane.take().map((frame) => frame.bytes)).toEqual([payloadOf(1, 5)]);
});

test("producer: leaves the pad frame of a claim that was given back, and it is whole", () => {
  const lane = new LaneUnderTest();
  leaveBeforeEnd(lane, 64);
  lane.producer.tryClaim(100);
  lane.producer.abort();
  expect(frameKind(lane.words[(2 ** 20 + CAPACITY - 64) / 4 + 1]!)).toBe(FRAME_PAD);
  expect(lane.take()).toEqual([]);
  expect(lane.consumer.drainedTo).toBe(lane.producer.committedTo);
});

test("producer: goes on across the end of the positions", () => {
  const lane = new LaneUnderTest({ start: BEFORE_WRAP });
  for (let frame = 0; frame < 5000; frame++) {
    const payload = payloadOf(frame, frame % 300);
    const isTaken = lane.put(payload) && lane.take()[0]?.bytes.equals(payload);
    if (!isTaken) expect.fail(`frame ${frame}`);
    lane.consumer.ack(lane.consumer.drainedTo);
  }
  expect(lane.producer.committedTo).toBeLessThan(2 ** 31);
});

test("producer: a new owner of the lane goes on where the last one ended", () => {
  const lane = new LaneUnderTest({ start: BEFORE_WRAP });
  lane.put(payloadOf(0, 40));
  const next = new Producer(lane.memory, 0);
  const at = next.tryClaim(30);
  lane.bytes.set(payloadOf(1, 30), at);
  next.commit(RECORD, 30);
  expect(lane.take().map((frame) => frame.bytes)).toEqual([payloadOf(0, 40), payloadOf(1, 30)]);
});

test.each([EPOCH, 0])(
  "producer: gives the number of a frame that its last owner never published again (epoch %i)",
  (epoch) => {
    const lane = new LaneUnderTest({ epoch });
    for (let frame = 0; frame < 3; frame++) lane.put(payloadOf(frame, 40));
    const committed = lane.words[COMMITTED]!;
    lane.put(payloadOf(3, 40));
    // Terminated in front of the last store of commit().
    lane.words[COMMITTED] = committed;
    const next = new Producer(lane.memory, 0);
    lane.bytes.set(payloadOf(9, 40), next.tryClaim(40));
    next.commit(RECORD, 40);
    expect(lane.take().map((frame) => frame.bytes)).toEqual([0, 1, 2, 9].map((frame) => payloadOf(frame, 40)));
  },
);

test.each([EPOCH, 0])("producer: a new owner repeats no number when every frame was published (epoch %i)", (epoch) => {
  const { memory, words, consumer } = new LaneUnderTest({ epoch });
  for (let frame = 0; frame < 700; frame++) {
    const owner = new Producer(memory, 0);
    owner.tryClaim(frame);
    owner.commit(RECORD, frame);
    // Throws where a number is missing or comes twice.
    consumer.drain(() => true, 10);
    consumer.ack(consumer.drainedTo);
  }
  expect(words[SEQ]).toBeGreaterThanOrEqual(700);
});

test("producer: a new owner repeats no number either when the last frame is as long as a frame can be", () => {
  const { memory, words, producer, consumer } = new LaneUnderTest();
  const at = producer.tryClaim(1);
  producer.commit(RECORD, producer.claimEnd - at);
  consumer.drain(() => true, 1);
  consumer.ack(consumer.drainedTo);
  const next = new Producer(memory, 0);
  next.tryClaim(1);
  next.commit(RECORD, 1);
  expect(consumer.drain(() => true, 10)).toBe(1);
  expect(words[SEQ]).toBeGreaterThanOrEqual(2);
});

test("producer: writes to its own lane only", () => {
  const memory = memoryOf({ lanes: 3 });
  const before = Buffer.from(Buffer.from(memory));
  const producer = new Producer(memory, 1);
  const from = laneOffset(1, CAPACITY);
  const to = laneOffset(2, CAPACITY);
  for (;;) {
    const at = producer.tryClaim(500);
    if (at === FULL) break;
    Buffer.from(memory).fill(0xaa, at, producer.claimEnd);
    producer.commit(RECORD, 500);
  }
  const after = Buffer.from(memory);
  expect(after.subarray(0, from).equals(before.subarray(0, from))).toBe(true);
  expect(after.subarray(to).equals(before.subarray(to))).toBe(true);
});
