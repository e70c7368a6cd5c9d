import { type OverflowFiles, writeAll } from "./files.ts";
import { encodeHeader, type SegmentIdentity } from "./header.ts";
import { OVERFLOW_HEADER_BYTES } from "./layout.ts";

/** The segment that is being written. It grows by what is appended: nothing is preallocated. */
export class SegmentFile {
  readonly path: string;
  readonly #files: OverflowFiles;
  readonly #fd: number;
  /** Length of the file as far as it is whole; where the next frame goes. */
  #end = OVERFLOW_HEADER_BYTES;

  private constructor(files: OverflowFiles, path: string, fd: number) {
    this.#files = files;
    this.path = path;
    this.#fd = fd;
  }

  /** Throws what the file system says, EEXIST where the name is taken; then nothing is left of it. */
  static create(files: OverflowFiles, path: string, identity: SegmentIdentity): SegmentFile {
    const fd = files.create(path);
    try {
      writeAll(files, fd, encodeHeader(identity), 0, OVERFLOW_HEADER_BYTES, 0);
      return new SegmentFile(files, path, fd);
    } catch (error) {
      quietly(() => files.close(fd));
      quietly(() => files.remove(path));
      throw error;
    }
  }

  get end(): number {
    return this.#end;
  }

  get isEmpty(): boolean {
    return this.#end === OVERFLOW_HEADER_BYTES;
  }

  /** Throws what the file system says; part of the bytes may then stand behind the end, see `cut`. */
  append(bytes: Uint8Array, from: number, length: number): void {
    writeAll(this.#files, this.#fd, bytes, from, length, this.#end);
    this.#end += length;
  }

  /** Removes what a failed append left behind the end. False: it stays there, and nothing may be written behind it. */
  cut(): boolean {
    return quietly(() => this.#files.truncate(this.#fd, this.#end));
  }

  close(): void {
    quietly(() => this.#files.close(this.#fd));
  }
}

function quietly(step: () => void): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}
