import {
  alignFrame,
  FRAME_ALIGNMENT,
  FRAME_CHECK_WORD,
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_WORD,
  FRAME_SEQ_WORD,
  FRAME_TAG_WORD,
  frameCheck,
  MAX_SINKS,
} from "@spillway/core";
import { CommitSlots } from "./commit-slots.ts";
import { CopiedWords } from "./copied-mark.ts";
import {
  COMMIT_SLOTS_OFFSET,
  COMMIT_SLOTS_STRIDE,
  COMMITTED,
  CONSUMER_ACKED,
  CONSUMER_ACKED_SEQ,
  CONSUMER_ACTIVE,
  CONSUMER_COPIED,
  CONSUMER_COPIED_CHECK,
  CONSUMER_DRAINED,
  CONSUMERS,
  DICTIONARY_ENTRIES,
  DICTIONARY_EPOCH,
  DICTIONARY_USED,
  FRAMES_OFFSET,
  LANE_EPOCH,
  LANE_IS_COPIED,
  laneOffset,
  SEQ,
} from "./layout.ts";
import { laneCapacity } from "./memory.ts";
import { distance } from "./position.ts";

/** Something in a lane that is not as it was written. */
export interface LaneDamage {
  /** Bytes of the lane. */
  readonly from: number;
  readonly to: number;
  readonly what: string;
  /** Frames that are missing because of it. */
  readonly missing: number;
}

/** A place among the frames: a position, and the number of the frame that begins there. */
interface Mark {
  readonly position: number;
  readonly seq: number;
}

/**
 * Holds the words of a dead process's lane against its frames and against each other, and corrects in memory what is
 * wrong, so that a drain can go by them. Says what was. The lane's epoch must be right; nothing else need be.
 *
 * What is believed: frames, by their checks; commit slots, by theirs; COMMITTED where the frame in front of it has the
 * number SEQ says, ACKED where the frame behind it has the number beside it. Where two words contradict each other the
 * frames decide. ACKED may be put too early by that, never too late: what a sink has, its commit slot says.
 */
export function surveyLane(memory: SharedArrayBuffer, laneIndex: number): readonly LaneDamage[] {
  return new LaneSurvey(memory, laneIndex).correct();
}

/** How many whole frames of this epoch stand in a lane. `image`: its bytes, as far as there are any. */
export function countFrames(image: Uint8Array, capacity: number, epoch: number): number {
  const bytes = Math.min(capacity, (image.length - FRAMES_OFFSET) & -FRAME_ALIGNMENT);
  if (bytes <= 0) return 0;
  const words = new Int32Array(bytes / 4);
  new Uint8Array(words.buffer).set(image.subarray(FRAMES_OFFSET, FRAMES_OFFSET + bytes));
  let count = 0;
  for (let at = 0; at < bytes; at += FRAME_ALIGNMENT) if (isFrame(words, at, epoch, capacity)) count++;
  return count;
}

class LaneSurvey {
  readonly #lane: Int32Array;
  readonly #acked: BigUint64Array;
  readonly #frames: Int32Array;
  readonly #capacity: number;
  readonly #slots: readonly CommitSlots[];
  /** The same of the frames that did not fit into the ring. */
  readonly #overflowSlots: readonly CommitSlots[];
  readonly #copied: CopiedWords;
  /** Offset of each whole frame, in order, and its number; stale ones of the lap before among them. */
  readonly #offsets: number[] = [];
  readonly #seqs: number[] = [];
  readonly #bySeq = new Map<number, number>();
  readonly #damage: LaneDamage[] = [];

  constructor(memory: SharedArrayBuffer, laneIndex: number) {
    this.#capacity = laneCapacity(memory);
    const offset = laneOffset(laneIndex, this.#capacity);
    this.#lane = new Int32Array(memory, offset, FRAMES_OFFSET / 4);
    this.#acked = new BigUint64Array(memory, offset + (CONSUMERS + CONSUMER_ACKED) * 4, 1);
    this.#frames = new Int32Array(memory, offset + FRAMES_OFFSET, this.#capacity / 4);
    const sinks = Array.from({ length: MAX_SINKS }, (_, sink) => sink);
    this.#slots = sinks.map((sink) => new CommitSlots(memory, laneIndex, sink));
    this.#overflowSlots = sinks.map((sink) => new CommitSlots(memory, laneIndex, sink, true));
    this.#copied = new CopiedWords(memory, laneIndex);
    const epoch = this.#lane[LANE_EPOCH]!;
    for (let at = 0; at < this.#capacity; at += FRAME_ALIGNMENT) {
      if (!isFrame(this.#frames, at, epoch, this.#capacity)) continue;
      const seq = this.#frames[(at >>> 2) + FRAME_SEQ_WORD]! >>> 0;
      this.#offsets.push(at);
      this.#seqs.push(seq);
      this.#bySeq.set(seq, at);
    }
  }

  correct(): readonly LaneDamage[] {
    this.#catchUp();
    this.#correctSlots(this.#slots, 0, "", "all that is in the ring");
    this.#correctSlots(this.#overflowSlots, COMMIT_SLOTS_STRIDE / 2, " of the overflow", "all of it");
    const end = this.#findEnd();
    const start = this.#findStart(end);
    const lane = this.#lane;
    const drained = lane[CONSUMERS + CONSUMER_DRAINED]! >>> 0;
    if (distance(start.position, drained) > distance(start.position, end.position) && drained !== start.position)
      this.#tell(CONSUMERS + CONSUMER_DRAINED, "DRAINED");
    if (lane[CONSUMERS + CONSUMER_ACTIVE] !== 1) this.#tell(CONSUMERS + CONSUMER_ACTIVE, "ACTIVE");
    this.#set(COMMITTED, end.position);
    this.#set(SEQ, end.seq);
    this.#set(CONSUMERS + CONSUMER_ACTIVE, 1);
    this.#set(CONSUMERS + CONSUMER_DRAINED, start.position);
    this.#acked[0] = (BigInt(start.seq) << 32n) | BigInt(start.position);
    return this.#damage;
  }

  /**
   * Of a lane that was mirrored, the drain may have copied more than its producer, which copies when its turn is over:
   * then both of the producer's words are older, by a lap or many. One of them alone that seems to be is damaged.
   */
  #catchUp(): void {
    if (this.#copied.isDamaged) {
      const words = CONSUMER_COPIED_CHECK - CONSUMER_COPIED + 1;
      this.#tell(CONSUMERS + CONSUMER_COPIED, "COPIED and what stands with it", words);
      this.#copied.clear();
    }
    const copied = this.#copied.read();
    if (copied === undefined) return;
    if (distance(copied.position, this.#lane[COMMITTED]! >>> 0) <= this.#capacity) return;
    if (distance(copied.seq, this.#lane[SEQ]! >>> 0) <= this.#capacity / FRAME_ALIGNMENT) return;
    this.#set(COMMITTED, copied.position);
    this.#set(SEQ, copied.seq);
    const isOlder =
      this.#lane[DICTIONARY_EPOCH] !== copied.dictionaryEpoch || this.#lane[DICTIONARY_USED]! < copied.dictionaryUsed;
    if (!isOlder) return;
    this.#set(DICTIONARY_USED, copied.dictionaryUsed);
    this.#set(DICTIONARY_ENTRIES, copied.dictionaryEntries);
    this.#set(DICTIONARY_EPOCH, copied.dictionaryEpoch);
  }

  #correctSlots(all: readonly CommitSlots[], offset: number, of: string, everything: string): void {
    for (const [sink, slots] of all.entries()) {
      const damaged = slots.damaged;
      if (damaged === 0) continue;
      const isLost = slots.read() === undefined && damaged === 2;
      const from = COMMIT_SLOTS_OFFSET + sink * COMMIT_SLOTS_STRIDE + offset;
      this.#damage.push({
        from,
        to: from + COMMIT_SLOTS_STRIDE / 2,
        what: isLost
          ? `commit slot ${sink}${of} and its copy: the sink gets ${everything}`
          : `commit slot ${sink}${of}`,
        missing: 0,
      });
      if (slots.read() === undefined) slots.clear();
    }
  }

  /** Behind the last frame that belongs to the ring. */
  #findEnd(): Mark {
    const committed = this.#lane[COMMITTED]! >>> 0;
    const seq = this.#lane[SEQ]! >>> 0;
    const acked = this.#ackedMark();
    const last = this.#bySeq.get(minus(seq, 1));
    // Its ends copy frames before they say so, over those that nobody needs: then the head says that there are none.
    const isNoneDue = committed === acked.position && seq === acked.seq && this.#lane[LANE_IS_COPIED] === 1;
    if (isNoneDue && this.#isOfThisRing(committed, seq)) return { position: committed, seq };
    const behind = this.#frameThatEndsAt(committed & (this.#capacity - 1));
    if (this.#offsets.length === 0) {
      if (seq === acked.seq || seq === 0) {
        if (committed !== acked.position) this.#tell(COMMITTED, "COMMITTED");
        return { position: acked.position, seq: acked.seq };
      }
      return this.#placed(committed & (this.#capacity - 1), seq);
    }
    if (last !== undefined) {
      const end = this.#endOf(last);
      const isInFlight = last === (committed & (this.#capacity - 1)) && committed % FRAME_ALIGNMENT === 0;
      if (isInFlight || end === (committed & (this.#capacity - 1))) return this.#placed(end, seq);
    } else if (this.#canHoldMissing(committed, seq) && !(behind !== undefined && ahead(seq, behind) > 0)) {
      return this.#placed(committed & (this.#capacity - 1), seq);
    }
    // They contradict each other: whichever of them a whole frame stands for, and the newer one of two.
    const bySeq = last === undefined ? undefined : minus(seq, 1);
    if (bySeq !== undefined && (behind === undefined || ahead(behind, bySeq) >= 0)) {
      this.#tell(COMMITTED, "COMMITTED");
      return this.#placed(this.#endOf(last!), seq);
    }
    this.#tell(SEQ, "SEQ");
    const newest = this.#seqs.reduce((most, one) => (ahead(most, one) > 0 ? one : most));
    return this.#placed(this.#endOf(this.#bySeq.get(newest)!), plus(newest, 1));
  }

  /** Whether there are frames a lap away at most: a header that was overwritten with anything says the same thrice, too. */
  #isOfThisRing(position: number, seq: number): boolean {
    if (position % FRAME_ALIGNMENT !== 0) return false;
    const most = this.#capacity / FRAME_ALIGNMENT;
    return this.#seqs.length === 0 || this.#seqs.some((one) => Math.abs(ahead(one, seq)) <= most);
  }

  /** Whether damaged frames between the newest whole one before SEQ and COMMITTED explain that they do not meet. */
  #canHoldMissing(committed: number, seq: number): boolean {
    if (committed % FRAME_ALIGNMENT !== 0) return false;
    let nearest: number | undefined;
    for (const one of this.#seqs) {
      const before = ahead(one, seq);
      if (before > 0 && (nearest === undefined || before < ahead(nearest, seq))) nearest = one;
    }
    if (nearest === undefined) return false;
    const missing = ahead(nearest, seq) - 1;
    const bytes = (committed - this.#endOf(this.#bySeq.get(nearest)!)) & (this.#capacity - 1);
    return missing > 0 && missing <= bytes / FRAME_ALIGNMENT;
  }

  /**
   * The end at byte `offset` of the frames as a position: which lap it is, commit slots and the watermarks say, most of
   * them.
   */
  #placed(offset: number, seq: number): Mark {
    const votes = new Map<number, number>();
    const vote = (position: number, weight: number): void => {
      votes.set(position, (votes.get(position) ?? 0) + weight);
    };
    const most = this.#capacity / FRAME_ALIGNMENT;
    const marks = this.#slotMarks().map((mark) => ({ mark, weight: 4 }));
    for (const { mark, weight } of [...marks, { mark: this.#ackedMark(), weight: 2 }]) {
      if (ahead(mark.seq, seq) < 0 || ahead(mark.seq, seq) > most) continue;
      const bytes = (offset - mark.position) & (this.#capacity - 1);
      vote(plus(mark.position, bytes === 0 && mark.seq !== seq ? this.#capacity : bytes), weight);
    }
    const committed = this.#lane[COMMITTED]! >>> 0;
    if ((committed & (this.#capacity - 1)) === offset) vote(committed, 1);
    let best = offset;
    let bestWeight = 0;
    for (const [position, weight] of votes) {
      if (weight <= bestWeight) continue;
      best = position;
      bestWeight = weight;
    }
    // Where it stands on the last frame, whose process died before it could raise it, it is not wrong.
    const last = this.#bySeq.get(minus(seq, 1));
    const isRight = committed === best || (last !== undefined && plus(committed, this.#sizeOf(last)) === best);
    if (!isRight) this.#tell(COMMITTED, "COMMITTED");
    return { position: best, seq };
  }

  /** Where the frames begin that somebody may still need. */
  #findStart(end: Mark): Mark {
    const acked = this.#ackedMark();
    if (this.#isStart(acked, end)) return acked;
    const claims: Mark[] = [];
    // By its number, by its position.
    const numbered = acked.seq === end.seq ? end : this.#markOf(acked.seq, end);
    if (numbered !== undefined) claims.push(numbered);
    const placed = acked.position === end.position ? end : this.#wholeAt(acked.position, end);
    if (placed !== undefined) claims.push(placed);
    if (claims.length === 0) claims.push(...this.#slotMarks().filter((mark) => this.#isStart(mark, end)));
    if (claims.length === 0) {
      // All there is, although some of it may be delivered twice.
      for (const seq of this.#seqs) {
        const mark = this.#markOf(seq, end);
        if (mark !== undefined) claims.push(mark);
      }
    }
    const start = claims.reduce((first, one) => (ahead(one.seq, first.seq) > 0 ? one : first), end);
    // Which of the two is wrong, nobody can tell.
    this.#tell(CONSUMERS + CONSUMER_ACKED, "ACKED and its number", 2);
    return start;
  }

  /** Whether the frame at the mark has its number, or damage hides it. */
  #isStart(mark: Mark, end: Mark): boolean {
    const bytes = distance(mark.position, end.position);
    const frames = ahead(mark.seq, end.seq);
    if (bytes > this.#capacity || mark.position % FRAME_ALIGNMENT !== 0) return false;
    if (frames < 0 || (frames === 0) !== (bytes === 0) || frames > bytes / FRAME_ALIGNMENT) return false;
    if (frames === 0) return true;
    if (this.#wholeAt(mark.position, end)?.seq === mark.seq) return true;
    // It stands elsewhere.
    if (this.#markOf(mark.seq, end) !== undefined) return false;
    let nearest = bytes;
    let missing = frames;
    for (const [index, seq] of this.#seqs.entries()) {
      const number = ahead(mark.seq, seq);
      if (number < 0 || number >= frames) continue;
      const at = (this.#offsets[index]! - mark.position) & (this.#capacity - 1);
      if (at >= nearest) continue;
      nearest = at;
      missing = number;
    }
    return missing > 0 && nearest > 0 && missing <= nearest / FRAME_ALIGNMENT;
  }

  /** The whole frame of a number, if it stands in front of the end. */
  #markOf(seq: number, end: Mark): Mark | undefined {
    const offset = this.#bySeq.get(seq);
    if (offset === undefined) return undefined;
    const back = (end.position - offset) & (this.#capacity - 1) || this.#capacity;
    return this.#wholeAt(minus(end.position, back), end);
  }

  /** The whole frame at a position, if it can stand there. */
  #wholeAt(position: number, end: Mark): Mark | undefined {
    const back = distance(position, end.position);
    if (back === 0 || back > this.#capacity || position % FRAME_ALIGNMENT !== 0) return undefined;
    const offset = position & (this.#capacity - 1);
    const seq = this.#frames[(offset >>> 2) + FRAME_SEQ_WORD]! >>> 0;
    if (this.#bySeq.get(seq) !== offset) return undefined;
    const frames = ahead(seq, end.seq);
    return frames > 0 && frames <= back / FRAME_ALIGNMENT ? { position, seq } : undefined;
  }

  #frameThatEndsAt(offset: number): number | undefined {
    for (const [index, at] of this.#offsets.entries()) if (this.#endOf(at) === offset) return this.#seqs[index];
    return undefined;
  }

  /** Byte among the frames where the one at `offset` ends. */
  #endOf(offset: number): number {
    return (offset + this.#sizeOf(offset)) & (this.#capacity - 1);
  }

  #sizeOf(offset: number): number {
    return alignFrame(FRAME_HEADER_BYTES + this.#frames[(offset >>> 2) + FRAME_LENGTH_WORD]!);
  }

  #slotMarks(): Mark[] {
    return this.#slots.flatMap((slots) => {
      const commit = slots.read();
      return commit === undefined ? [] : [{ position: commit.position, seq: commit.seq }];
    });
  }

  #ackedMark(): Mark {
    return {
      position: this.#lane[CONSUMERS + CONSUMER_ACKED]! >>> 0,
      seq: this.#lane[CONSUMERS + CONSUMER_ACKED_SEQ]! >>> 0,
    };
  }

  #tell(word: number, name: string, words = 1): void {
    const from = word * 4;
    if (this.#damage.some((one) => one.from === from)) return;
    this.#damage.push({ from, to: from + words * 4, what: name, missing: 0 });
  }

  #set(word: number, value: number): void {
    this.#lane[word] = value | 0;
  }
}

/** Whether a whole frame stands at byte `at` of the frames. */
function isFrame(frames: Int32Array, at: number, epoch: number, capacity: number): boolean {
  const head = at >>> 2;
  const length = frames[head + FRAME_LENGTH_WORD]!;
  const tag = frames[head + FRAME_TAG_WORD]!;
  // No frame has the tag 0; untouched memory would pass for one where the epoch is the offset.
  if (tag === 0 || length < 0 || length > capacity - at - FRAME_HEADER_BYTES) return false;
  return frames[head + FRAME_CHECK_WORD] === frameCheck(length, tag, frames[head + FRAME_SEQ_WORD]!, epoch ^ at);
}

/** How far number `to` is ahead of `from`; negative: behind. */
function ahead(from: number, to: number): number {
  return (to - from) | 0;
}

function plus(a: number, b: number): number {
  return (a + b) >>> 0;
}

function minus(a: number, b: number): number {
  return (a - b) >>> 0;
}
