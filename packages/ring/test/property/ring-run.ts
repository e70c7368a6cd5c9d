/** Does one thing after another to a real ring and to the model, and compares everything either of them shows. */
import { expect } from "vitest";
import {
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_DRAINED,
  CONSUMER_STRIDE,
  CONSUMERS,
  Consumer,
  FRAMES_OFFSET,
  FULL,
  laneOffset,
  Producer,
} from "../../src/index.ts";
import { CAPACITY, memoryOf, payloadOf } from "../lane-under-test.ts";
import { RingModel } from "./ring-model.ts";

export type Step =
  | {
      readonly do: "put";
      readonly length: number;
      readonly share: number;
      readonly reserve: number;
      readonly tag: number;
    }
  | { readonly do: "abort"; readonly length: number; readonly reserve: number }
  | {
      readonly do: "drain";
      readonly by: number;
      readonly limit: number;
      readonly limitBytes: number;
      readonly end: "answers" | "refuses" | "throws";
      readonly after: number;
    }
  | { readonly do: "rewind" | "ack"; readonly by: number; readonly to: number }
  | { readonly do: "activate"; readonly by: number }
  | { readonly do: "new producer" }
  | { readonly do: "new consumer"; readonly by: number };

export interface Setting {
  readonly start: number;
  readonly lane: number;
}

export class RingRun {
  readonly #bytes: Buffer;
  readonly #memory: SharedArrayBuffer;
  readonly #lane: number;
  readonly #words: Int32Array;
  readonly #frames: number;
  readonly #model: RingModel;
  readonly #consumers = new Map<number, Consumer>();
  #producer: Producer;
  #count = 0;

  constructor({ start, lane }: Setting) {
    this.#memory = memoryOf({ start, lanes: 3 });
    this.#lane = lane;
    this.#bytes = Buffer.from(this.#memory);
    this.#words = new Int32Array(this.#memory, laneOffset(lane, CAPACITY));
    this.#frames = laneOffset(lane, CAPACITY) + FRAMES_OFFSET;
    this.#model = new RingModel(CAPACITY, start);
    this.#producer = new Producer(this.#memory, lane);
    this.#consumers.set(0, new Consumer(this.#memory, lane));
  }

  get count(): number {
    return this.#count;
  }

  step(step: Step): void {
    switch (step.do) {
      case "put":
        this.#put(step.length, step.share, step.reserve, step.tag);
        break;
      case "abort":
        this.#claim(step.length, step.reserve);
        this.#producer.abort();
        break;
      case "drain":
        if (this.#consumers.has(step.by)) this.#drain(step.by, step.limit, step.limitBytes, step.end, step.after);
        break;
      case "rewind":
      case "ack":
        if (this.#consumers.has(step.by)) this.#move(step.do, step.by, step.to);
        break;
      case "activate":
        if (this.#consumers.has(step.by)) break;
        this.#model.activate(step.by);
        this.#consumers.set(step.by, new Consumer(this.#memory, this.#lane, step.by));
        this.#consumers.get(step.by)!.activate();
        break;
      case "new producer":
        this.#producer = new Producer(this.#memory, this.#lane);
        break;
      case "new consumer":
        if (!this.#consumers.has(step.by)) break;
        this.#consumers.set(step.by, new Consumer(this.#memory, this.#lane, step.by));
        this.#model.cursors.get(step.by)!.drained = this.#model.cursors.get(step.by)!.acked;
        break;
    }
    this.#compareWords();
  }

  /** What is left comes out, the other lanes were not touched. */
  finish(): void {
    for (const by of this.#consumers.keys()) this.#drain(by, Number.POSITIVE_INFINITY, 2 * CAPACITY, "answers", 0);
    this.#compareWords();
    for (let lane = 0; lane < 3; lane++) {
      if (lane === this.#lane) continue;
      const from = laneOffset(lane, CAPACITY) + 4096;
      const rest = this.#bytes.subarray(from, laneOffset(lane + 1, CAPACITY));
      if (rest.some((byte) => byte !== 0)) expect.fail(`lane ${lane} was written to`);
    }
  }

  #claim(length: number, reserve: number): { at: number; room: number } | undefined {
    const expected = this.#model.claim(length, reserve);
    const at = this.#producer.tryClaim(length, reserve);
    if (expected === undefined) {
      expect(at).toBe(FULL);
      return undefined;
    }
    expect(at).toBe(this.#frames + expected.offset + 16);
    const room = this.#producer.claimEnd - at;
    // The producer may know of less free space than there is, never of more.
    expect(room).toBeGreaterThanOrEqual(length);
    expect(room).toBeLessThanOrEqual(expected.room);
    return { at, room };
  }

  #put(length: number, share: number, reserve: number, tag: number): void {
    const claim = this.#claim(length, reserve);
    if (claim === undefined) return;
    const written = length + Math.floor((claim.room - length) * share);
    const payload = payloadOf(this.#count++, written);
    // An encoder may use all of its claim and then commit less.
    this.#bytes.fill(0xee, claim.at, claim.at + claim.room);
    this.#bytes.set(payload, claim.at);
    this.#model.commit(tag, payload);
    this.#producer.commit(tag, written);
  }

  #drain(by: number, limit: number, limitBytes: number, end: "answers" | "refuses" | "throws", after: number): void {
    const cursor = this.#model.cursors.get(by)!;
    const before = cursor.drained;
    let expected = this.#model.drain(by, limit, limitBytes);
    const odd = end === "answers" ? undefined : expected[after];
    if (odd !== undefined) {
      expected = expected.slice(0, end === "throws" ? after + 1 : after);
      cursor.drained = end === "throws" ? odd.at + odd.size : odd.at;
    }
    let seen = 0;
    const consumer = this.#consumers.get(by)!;
    const handler = (tag: number, offset: number, length: number): boolean => {
      if (odd !== undefined && seen === after && end === "refuses") return false;
      const frame = expected[seen++];
      if (frame === undefined) expect.fail(`a frame too many: ${length} bytes after position ${before}`);
      const isSame = frame.tag === tag && frame.payload.equals(this.#bytes.subarray(offset, offset + length));
      if (!isSame) expect.fail(`frame at ${frame.at} came out different`);
      if (odd !== undefined && seen === after + 1 && end === "throws") throw new Error("handler");
      return true;
    };
    if (odd !== undefined && end === "throws")
      expect(() => consumer.drain(handler, limit, limitBytes)).toThrow("handler");
    else expect(consumer.drain(handler, limit, limitBytes)).toBe(expected.length);
    expect(seen).toBe(expected.length);
  }

  #move(kind: "rewind" | "ack", by: number, to: number): void {
    const cursor = this.#model.cursors.get(by)!;
    const boundaries = this.#model.boundaries(by);
    const position = boundaries[Math.floor(to * (boundaries.length - 0.001))]!;
    const consumer = this.#consumers.get(by)!;
    if (kind === "ack") {
      cursor.acked = position;
      consumer.ack(position % 2 ** 32);
    } else {
      cursor.drained = position;
      consumer.rewind(position % 2 ** 32);
    }
  }

  #compareWords(): void {
    const words = this.#words;
    const wrong: string[] = [];
    const same = (name: string, is: number, due: number): void => {
      if (is >>> 0 !== due % 2 ** 32) wrong.push(`${name} is ${is >>> 0}, due ${due % 2 ** 32}`);
    };
    same("COMMITTED", words[COMMITTED]!, this.#model.committed);
    for (const [by, cursor] of this.#model.cursors) {
      const own = CONSUMERS + by * CONSUMER_STRIDE;
      same(`ACKED ${by}`, words[own + CONSUMER_ACKED]!, cursor.acked);
      const consumer = this.#consumers.get(by)!;
      same(`drainedTo ${by}`, consumer.drainedTo, cursor.drained);
      if (consumer.hasMore !== (cursor.drained !== this.#model.committed)) wrong.push(`hasMore ${by}`);
      // One that took over stores its cursor with its first drain.
      if (words[own + CONSUMER_DRAINED]! >>> 0 !== cursor.drained % 2 ** 32 && cursor.drained !== cursor.acked)
        wrong.push(`DRAINED ${by}`);
    }
    if (wrong.length > 0) expect.fail(wrong.join("; "));
  }
}
