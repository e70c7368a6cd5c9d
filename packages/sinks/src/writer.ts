import { SonicBoom } from "sonic-boom";

const NOTHING = Buffer.alloc(0);

/**
 * Puts bytes on a descriptor through sonic-boom, one buffer at a time and whole, and answers only when the kernel has
 * all of it.
 *
 * sonic-boom keeps what it could not write by reference and goes on with it at the next write. So after a failure the
 * same bytes must be offered again, unchanged: they are the rest that it still holds. Its flushSync() is no way to go
 * on: when that fails after some bytes, it begins anew with all of them.
 */
export class DescriptorWriter {
  readonly fd: number;
  readonly #boom: SonicBoom;
  #error: Error | undefined;
  #isStuck = false;

  constructor(fd: number) {
    this.fd = fd;
    this.#boom = new SonicBoom({
      fd,
      sync: true,
      minLength: 0,
      contentMode: "buffer",
      // Its own answer to EAGAIN is to sleep 100 ms at a time, without bound; ours is to try again in our own time.
      retryEAGAIN: () => false,
    });
    this.#boom.on("error", (error: Error) => {
      this.#error = error;
    });
  }

  write(bytes: Uint8Array): void {
    this.#error = undefined;
    const offered = this.#isStuck ? NOTHING : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#boom.write(offered as unknown as string);
    const error: Error | undefined = this.#error;
    this.#isStuck = error !== undefined;
    if (error !== undefined) throw error;
  }
}
