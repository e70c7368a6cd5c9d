import {
  createFile,
  errnoOf,
  openFile,
  readFile,
  stateFile,
  syncFolderOf,
  type WalFileOperations,
  writeAll,
} from "./files.ts";
import { WAL_STATE_BYTES } from "./layout.ts";
import { decodeState, encodeSlot, encodeState, slotOffset } from "./state.ts";

/**
 * The end of what was pruned, in two slots: it survives a kill as soon as it is stored, and a power cut from the next
 * sync on. Whoever dies in between leaves the other slot valid.
 */
export class Cursor {
  readonly #file: string;
  readonly #uuid: string;
  readonly #fs: WalFileOperations;
  #fd: number | undefined;
  /** The turn that is known to be whole in the file. */
  #turn = 0;
  #isSyncing = false;
  #isClosed = false;

  constructor(log: string, uuid: string, fs: WalFileOperations) {
    this.#file = stateFile(log);
    this.#uuid = uuid;
    this.#fs = fs;
  }

  /** Opens what is there, or makes a new file where it is missing or not of this log. */
  open(prunedTo: number): void {
    const turn = this.#storedTurn(prunedTo);
    if (turn === undefined) {
      this.#replace(prunedTo);
      this.#turn = 1;
    } else this.#turn = turn;
    this.#fd = openFile(this.#file, "write", this.#fs);
  }

  store(prunedTo: number): void {
    this.#fd ??= openFile(this.#file, "write", this.#fs);
    const turn = this.#turn + 1;
    writeAll(this.#fd, encodeSlot({ uuid: this.#uuid, turn, prunedTo }), slotOffset(turn), this.#fs);
    this.#turn = turn;
  }

  syncLater(done: (error: Error | null) => void): void {
    if (this.#fd === undefined) {
      done(new Error("the state is not open"));
      return;
    }
    this.#isSyncing = true;
    this.#fs.fdatasync(this.#fd, (error) => {
      this.#isSyncing = false;
      // Never synced again; the next store opens another descriptor, and writes both slots in their turn.
      if (error !== null || this.#isClosed) this.#closeFd();
      done(error);
    });
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isSyncing) this.#closeFd();
  }

  #storedTurn(prunedTo: number): number | undefined {
    try {
      const { bytes, size } = readFile(this.#file, WAL_STATE_BYTES, this.#fs);
      const { state, damagedSlots } = decodeState(bytes);
      const isWhole = damagedSlots.length === 0 && size === WAL_STATE_BYTES;
      return isWhole && state?.uuid === this.#uuid && state.prunedTo === prunedTo ? state.turn : undefined;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** At once or not at all: the file is made under another name. */
  #replace(prunedTo: number): void {
    const made = `${this.#file}.new`;
    try {
      this.#fs.unlinkSync(made);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    const fd = createFile(made, this.#fs);
    try {
      writeAll(fd, encodeState(this.#uuid, prunedTo), 0, this.#fs);
      this.#fs.fdatasyncSync(fd);
    } finally {
      this.#fs.closeSync(fd);
    }
    this.#fs.renameSync(made, this.#file);
    syncFolderOf(this.#file, this.#fs);
  }

  #closeFd(): void {
    if (this.#fd !== undefined) this.#fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}
