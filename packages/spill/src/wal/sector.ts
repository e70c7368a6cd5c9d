import { crc32c } from "@spillway/core";
import { WAL_SECTOR_BYTES, WAL_SECTOR_CRC, WAL_UUID_BYTES } from "./layout.ts";

/** A header or a slot that is being made: 512 zeros with its magic. */
export function beginSector(magic: readonly number[]): Buffer {
  const sector = Buffer.alloc(WAL_SECTOR_BYTES);
  sector.set(magic);
  return sector;
}

export function endSector(sector: Buffer): Buffer {
  sector.writeUInt32LE(crc32c(sector, 0, WAL_SECTOR_CRC), WAL_SECTOR_CRC);
  return sector;
}

/** The 512 bytes from `offset` on, when they are all there, begin with `magic` and have their checksum. */
export function wholeSector(file: Buffer, offset: number, magic: readonly number[]): Buffer | undefined {
  if (file.length < offset + WAL_SECTOR_BYTES) return undefined;
  const sector = file.subarray(offset, offset + WAL_SECTOR_BYTES);
  if (magic.some((byte, i) => sector[i] !== byte)) return undefined;
  return sector.readUInt32LE(WAL_SECTOR_CRC) === crc32c(sector, 0, WAL_SECTOR_CRC) ? sector : undefined;
}

/** A number that counts something; undefined: no writer wrote it. */
export function countAt(sector: Buffer, offset: number): number | undefined {
  const value = sector.readDoubleLE(offset);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function uuidAt(sector: Buffer, offset: number): string {
  return sector.toString("hex", offset, offset + WAL_UUID_BYTES);
}

/** Tells one log from every other. Nobody is kept from guessing it, so node:crypto need not be loaded for it. */
export function newUuid(): string {
  let uuid = "";
  while (uuid.length < 2 * WAL_UUID_BYTES) {
    uuid += Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
  return uuid;
}
