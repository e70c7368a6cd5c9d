import {
  WAL_FRAMES_OFFSET,
  WAL_HEADER_CAPACITY,
  WAL_HEADER_CREATED,
  WAL_HEADER_EPOCH,
  WAL_HEADER_FIRST_SEQ,
  WAL_HEADER_NUMBER,
  WAL_HEADER_PID,
  WAL_HEADER_PRUNED_TO,
  WAL_HEADER_SETTLED_TO,
  WAL_HEADER_UUID,
  WAL_HEADER_VERSION,
  WAL_MAGIC,
  WAL_SECTOR_BYTES,
  WAL_VERSION,
} from "./layout.ts";
import { beginSector, countAt, endSector, uuidAt, wholeSector } from "./sector.ts";

/** What a segment says about itself. */
export interface WalHeader {
  /** The log it belongs to: 32 hexadecimal digits. */
  readonly uuid: string;
  readonly epoch: number;
  /** Of the segment, as in its name. */
  readonly number: number;
  readonly firstSeq: number;
  /** The numbers behind it and in front of `firstSeq` were given up: nobody was told that they are durable. */
  readonly settledTo: number;
  /** What had been pruned when the segment was made. */
  readonly prunedTo: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly pid: number;
  readonly capacity: number;
}

/** Both copies. */
export function encodeHeader(header: WalHeader): Buffer {
  const sector = beginSector(WAL_MAGIC);
  sector.writeInt32LE(WAL_VERSION, WAL_HEADER_VERSION);
  sector.writeInt32LE(header.epoch, WAL_HEADER_EPOCH);
  sector.write(header.uuid, WAL_HEADER_UUID, "hex");
  sector.writeDoubleLE(header.number, WAL_HEADER_NUMBER);
  sector.writeDoubleLE(header.firstSeq, WAL_HEADER_FIRST_SEQ);
  sector.writeDoubleLE(header.settledTo, WAL_HEADER_SETTLED_TO);
  sector.writeDoubleLE(header.prunedTo, WAL_HEADER_PRUNED_TO);
  sector.writeDoubleLE(header.created, WAL_HEADER_CREATED);
  sector.writeInt32LE(header.pid, WAL_HEADER_PID);
  sector.writeInt32LE(header.capacity, WAL_HEADER_CAPACITY);
  endSector(sector);
  return Buffer.concat([sector, sector], WAL_FRAMES_OFFSET);
}

export interface DecodedHeader {
  /** Undefined: neither copy is whole; "version": a whole one is of a version this reader does not know. */
  readonly header: WalHeader | "version" | undefined;
  /** Offsets of the copies that are not as they were written. */
  readonly damagedCopies: readonly number[];
}

export function decodeHeader(file: Buffer): DecodedHeader {
  const first = wholeSector(file, 0, WAL_MAGIC);
  const second = wholeSector(file, WAL_SECTOR_BYTES, WAL_MAGIC);
  const sector = first ?? second;
  if (sector === undefined) return { header: undefined, damagedCopies: [0, WAL_SECTOR_BYTES] };
  const damagedCopies: number[] = [];
  if (first === undefined) damagedCopies.push(0);
  else if (second === undefined || !first.equals(second)) damagedCopies.push(WAL_SECTOR_BYTES);
  if (sector.readInt32LE(WAL_HEADER_VERSION) !== WAL_VERSION) return { header: "version", damagedCopies };
  const header = fieldsOf(sector);
  // Made by no writer, whatever its checksum says.
  if (header === undefined) return { header: undefined, damagedCopies: [0, WAL_SECTOR_BYTES] };
  return { header, damagedCopies };
}

function fieldsOf(sector: Buffer): WalHeader | undefined {
  const number = countAt(sector, WAL_HEADER_NUMBER);
  const firstSeq = countAt(sector, WAL_HEADER_FIRST_SEQ);
  const settledTo = countAt(sector, WAL_HEADER_SETTLED_TO);
  const prunedTo = countAt(sector, WAL_HEADER_PRUNED_TO);
  if (number === undefined || settledTo === undefined || prunedTo === undefined) return undefined;
  if (firstSeq === undefined || firstSeq === 0 || settledTo >= firstSeq) return undefined;
  return {
    uuid: uuidAt(sector, WAL_HEADER_UUID),
    epoch: sector.readInt32LE(WAL_HEADER_EPOCH),
    number,
    firstSeq,
    settledTo,
    prunedTo,
    created: sector.readDoubleLE(WAL_HEADER_CREATED),
    pid: sector.readInt32LE(WAL_HEADER_PID),
    capacity: sector.readInt32LE(WAL_HEADER_CAPACITY),
  };
}
