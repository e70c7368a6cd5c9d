import { type LevelSlot, takeLevelSlot } from "./level-slot.ts";

/**
 * Where a logger, and the children that have no level of their own, find their threshold: a word in the control page.
 * A logger that gets its own level later takes the loggers below it along, so cells know the cells that follow them,
 * weakly: loggers come and go with requests. The other way the reference is strong: the logger in the middle may be
 * gone, and what the first one does must still reach the last.
 */
export class LevelCell {
  words: Int32Array;
  index: number;
  /** Whom this one follows; only kept so that it lives as long. */
  readonly leader: LevelCell | undefined;
  #isOwn: boolean;
  #followers: WeakRef<LevelCell>[] = [];
  #cleanAt = 16;

  private constructor(slot: LevelSlot, leader: LevelCell | undefined) {
    this.words = slot.words;
    this.index = slot.index;
    this.leader = leader;
    this.#isOwn = leader === undefined;
  }

  /** A cell with a level of its own. */
  static own(memory: SharedArrayBuffer, threshold: number): LevelCell {
    return new LevelCell(takeLevelSlot(memory, threshold), undefined);
  }

  /** A cell that has this one's level until it is given another. */
  follower(): LevelCell {
    const cell = new LevelCell(this, this);
    if (this.#followers.length >= this.#cleanAt) {
      this.#followers = this.#followers.filter((follower) => follower.deref() !== undefined);
      this.#cleanAt = Math.max(16, this.#followers.length * 2);
    }
    this.#followers.push(new WeakRef(cell));
    return cell;
  }

  get threshold(): number {
    return this.words[this.index]!;
  }

  set(memory: SharedArrayBuffer, threshold: number): void {
    if (this.#isOwn) {
      Atomics.store(this.words, this.index, threshold);
      return;
    }
    this.#isOwn = true;
    this.#moveTo(takeLevelSlot(memory, threshold));
  }

  #moveTo(slot: LevelSlot): void {
    this.words = slot.words;
    this.index = slot.index;
    for (const follower of this.#followers) {
      const cell = follower.deref();
      if (cell !== undefined && !cell.#isOwn) cell.#moveTo(slot);
    }
  }
}
