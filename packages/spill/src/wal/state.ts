import {
  WAL_SECTOR_BYTES,
  WAL_SLOT_PRUNED_TO,
  WAL_SLOT_TURN,
  WAL_SLOT_UUID,
  WAL_SLOT_VERSION,
  WAL_STATE_MAGIC,
  WAL_VERSION,
} from "./layout.ts";
import { beginSector, countAt, endSector, uuidAt, wholeSector } from "./sector.ts";

/** Which frames are needed by nobody any more. */
export interface WalState {
  readonly uuid: string;
  /** Grows with every store; the slot with the greater one is valid. */
  readonly turn: number;
  readonly prunedTo: number;
}

/** One slot: turn n stands in slot n mod 2, so that the one before it stays while it is written. */
export function encodeSlot(state: WalState): Buffer {
  const slot = beginSector(WAL_STATE_MAGIC);
  slot.writeInt32LE(WAL_VERSION, WAL_SLOT_VERSION);
  slot.write(state.uuid, WAL_SLOT_UUID, "hex");
  slot.writeDoubleLE(state.turn, WAL_SLOT_TURN);
  slot.writeDoubleLE(state.prunedTo, WAL_SLOT_PRUNED_TO);
  return endSector(slot);
}

export function slotOffset(turn: number): number {
  return (turn % 2) * WAL_SECTOR_BYTES;
}

/** A file that says the same twice: a new one has two whole slots, so that damage to either shows. */
export function encodeState(uuid: string, prunedTo: number): Buffer {
  return Buffer.concat([encodeSlot({ uuid, turn: 0, prunedTo }), encodeSlot({ uuid, turn: 1, prunedTo })]);
}

export interface DecodedState {
  readonly state: WalState | undefined;
  /** A slot is whole, and of a version this reader does not know. */
  readonly isFromTheFuture: boolean;
  /** Offsets of the slots that are not as they were written. */
  readonly damagedSlots: readonly number[];
}

export function decodeState(file: Buffer): DecodedState {
  const slots = [0, 1].map((index) => slotAt(file, index));
  const isFromTheFuture = slots.includes("version");
  const [even, odd] = slots.map((slot) => (slot === "version" ? undefined : slot));
  const damagedSlots = slots.flatMap((slot, index) => (slot === undefined ? [index * WAL_SECTOR_BYTES] : []));
  const isOddNewer = even === undefined || (odd !== undefined && odd.turn > even.turn);
  return { state: isOddNewer ? odd : even, isFromTheFuture, damagedSlots };
}

function slotAt(file: Buffer, index: number): WalState | "version" | undefined {
  const slot = wholeSector(file, index * WAL_SECTOR_BYTES, WAL_STATE_MAGIC);
  if (slot === undefined) return undefined;
  if (slot.readInt32LE(WAL_SLOT_VERSION) !== WAL_VERSION) return "version";
  const turn = countAt(slot, WAL_SLOT_TURN);
  const prunedTo = countAt(slot, WAL_SLOT_PRUNED_TO);
  // A slot that stands in the other's place was put there by no writer.
  if (turn === undefined || prunedTo === undefined || turn % 2 !== index) return undefined;
  return { uuid: uuidAt(slot, WAL_SLOT_UUID), turn, prunedTo };
}
