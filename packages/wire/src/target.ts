/** Where an encoder that finds no room in the ring goes on; grows by doubling, given back when it became large. */
const SCRATCH_BYTES = 64 * 1024;
const SCRATCH_KEPT_BYTES = 1024 * 1024;

/**
 * The bytes an encoder writes to: the claimed stretch of the ring, or, once a record outgrows it, memory of its own. A
 * record moves at most once, by copying what was written so far: nothing is evaluated twice. Hot path.
 *
 * `at` and `limit` are byte offsets in `bytes`; `at` is always a multiple of 4.
 */
export class Target {
  words: Int32Array;
  bytes: Buffer;
  at = 0;
  limit = 0;
  #base = 0;
  readonly #ringWords: Int32Array;
  readonly #ringBytes: Buffer;
  #scratch: Buffer | undefined;

  constructor(memory: SharedArrayBuffer) {
    this.#ringWords = new Int32Array(memory);
    this.#ringBytes = Buffer.from(memory);
    this.words = this.#ringWords;
    this.bytes = this.#ringBytes;
  }

  /** Begins a record at byte `start` of the ring's memory, with room up to `end`. */
  open(start: number, end: number): void {
    // Storing a pointer costs a write barrier; most records never leave the ring.
    if (this.bytes !== this.#ringBytes) {
      this.words = this.#ringWords;
      this.bytes = this.#ringBytes;
    }
    this.#base = start;
    this.at = start;
    this.limit = end;
  }

  /** Bytes written since `open`. */
  get length(): number {
    return this.at - this.#base;
  }

  /** Whether the record has outgrown its place in the ring. */
  get isOutside(): boolean {
    return this.bytes !== this.#ringBytes;
  }

  /** A place to come back to, that holds even if the record moves. */
  mark(): number {
    return this.at - this.#base;
  }

  rewind(mark: number): void {
    this.at = this.#base + mark;
  }

  wordAt(mark: number): number {
    return this.words[(this.#base + mark) >>> 2]!;
  }

  setWordAt(mark: number, value: number): void {
    this.words[(this.#base + mark) >>> 2] = value;
  }

  ensure(bytes: number): void {
    if (this.at + bytes > this.limit) this.#move(bytes);
  }

  putWord(value: number): void {
    this.ensure(4);
    this.words[this.at >>> 2] = value;
    this.at += 4;
  }

  /** Begins a record outside of the ring from the start: for records made while the ring has no room. */
  openOutside(): void {
    this.open(0, 0);
    this.#move(SCRATCH_BYTES);
  }

  /** Leaves the ring to somebody else in the middle of a record: a toJSON that logs. */
  leaveRing(): void {
    if (!this.isOutside) this.#move(0);
  }

  /** The record's bytes, valid until the next `open`. */
  written(): Buffer {
    return this.bytes.subarray(this.#base, this.at);
  }

  /** Copies a record that was written outside to byte `start` of the ring's memory. */
  copyTo(start: number): void {
    this.bytes.copy(this.#ringBytes, start, this.#base, this.at);
  }

  /** Lets go of scratch memory that one huge record made grow. */
  close(): void {
    if (this.#scratch !== undefined && this.#scratch.length > SCRATCH_KEPT_BYTES) this.#scratch = undefined;
  }

  #move(bytes: number): void {
    const length = this.length;
    const needed = length + bytes;
    let scratch =
      this.isOutside || this.#scratch === undefined || this.#scratch.length < needed ? undefined : this.#scratch;
    if (scratch === undefined) {
      let size = SCRATCH_BYTES;
      while (size < needed) size *= 2;
      // allocUnsafeSlow: not from Node's pool, so that the words are aligned.
      scratch = Buffer.allocUnsafeSlow(size);
    }
    this.bytes.copy(scratch, 0, this.#base, this.at);
    this.#scratch = scratch;
    this.words = new Int32Array(scratch.buffer, 0, scratch.length >>> 2);
    this.bytes = scratch;
    this.#base = 0;
    this.at = length;
    this.limit = scratch.length;
  }
}
