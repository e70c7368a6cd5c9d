/** A ring file in memory that damage is done to, a million times: only what damage can reach is put back and copied. */
import { CONTROL_BYTES } from "@spillway/core";
import { adoptLanes, FRAMES_OFFSET } from "@spillway/ring";
import { TempFolder } from "@spillway/testkit";
import { CAPACITY, type DeadRing, type Extracted, extracted } from "./dead-ring.ts";

/** The header and what is used of the dictionary. Behind it, up to the frames, all is 0 and stays so. */
export const HEAD_BYTES = 8192;

export class DamagedRing {
  readonly ring: DeadRing;
  /** To be damaged before HEAD_BYTES and from FRAMES_OFFSET on. */
  readonly bytes: Buffer;
  readonly #folder = new TempFolder();
  #memory: SharedArrayBuffer | undefined;

  constructor(ring: DeadRing) {
    if (ring.bytes.subarray(HEAD_BYTES, FRAMES_OFFSET).some((byte) => byte !== 0))
      throw new Error("the dictionary is larger than what is put back");
    this.ring = ring;
    this.bytes = Buffer.from(ring.bytes);
  }

  /** What comes out of the first `size` bytes; then they are repaired. */
  extract(size: number = this.bytes.length): Extracted {
    try {
      return extracted(this.bytes.subarray(0, size), this.#folder.path, this.#adopt);
    } finally {
      this.ring.bytes.copy(this.bytes, 0, 0, HEAD_BYTES);
      this.ring.bytes.copy(this.bytes, FRAMES_OFFSET, FRAMES_OFFSET);
    }
  }

  /** With one bit flipped. */
  flipped(bit: number): Extracted {
    this.bytes[bit >> 3]! ^= 1 << (bit & 7);
    return this.extract();
  }

  isIntact(from: number, to: number): boolean {
    return this.bytes.compare(this.ring.bytes, from, to, from, to) === 0;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  /** Allocated once: 1.1 MiB of zeros took longer than all of the reading. */
  readonly #adopt = (images: readonly Uint8Array[], capacity: number): SharedArrayBuffer => {
    if (capacity !== CAPACITY || images.length !== 1) return adoptLanes(images, capacity);
    this.#memory ??= adoptLanes(images, capacity);
    const lane = Buffer.from(this.#memory, CONTROL_BYTES);
    lane.set(images[0]!.subarray(0, HEAD_BYTES));
    lane.set(images[0]!.subarray(FRAMES_OFFSET, FRAMES_OFFSET + CAPACITY), FRAMES_OFFSET);
    return this.#memory;
  };
}
