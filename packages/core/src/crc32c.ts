/**
 * CRC-32C (Castagnoli), as iSCSI (RFC 3720, appendix B.4) and ext4 use it: what overflow segments and the WAL carry with
 * each frame. Reflected, polynomial 0x82f63b78, initial value and final xor 0xffffffff.
 *
 * Sixteen bytes at a time through sixteen tables in one array: two thirds of the time that four at a time take (1.1 and
 * 1.8 ns a byte beside other work). Node's zlib.crc32 is another polynomial.
 */
const POLYNOMIAL = 0x82f63b78;
const STEP = 16;

/** Table n, from TABLE[n * 256] on: the remainder of a byte with n zero bytes behind it. */
const TABLE: Int32Array = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(256 * STEP);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    table[byte] = remainder;
  }
  for (let at = 256; at < table.length; at++) {
    const remainder = table[at - 256]!;
    table[at] = (remainder >>> 8) ^ table[remainder & 0xff]!;
  }
  return table;
}

/**
 * The checksum of `bytes[from..to)`, as an unsigned number. `before`: the checksum of what comes before these bytes, to
 * go on from.
 */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length, before = 0): number {
  const table = TABLE;
  let crc = ~before;
  let at = from;
  for (; at + STEP <= to; at += STEP) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table[3840 + (crc & 0xff)]! ^
      table[3584 + ((crc >>> 8) & 0xff)]! ^
      table[3328 + ((crc >>> 16) & 0xff)]! ^
      table[3072 + (crc >>> 24)]! ^
      table[2816 + bytes[at + 4]!]! ^
      table[2560 + bytes[at + 5]!]! ^
      table[2304 + bytes[at + 6]!]! ^
      table[2048 + bytes[at + 7]!]! ^
      table[1792 + bytes[at + 8]!]! ^
      table[1536 + bytes[at + 9]!]! ^
      table[1280 + bytes[at + 10]!]! ^
      table[1024 + bytes[at + 11]!]! ^
      table[768 + bytes[at + 12]!]! ^
      table[512 + bytes[at + 13]!]! ^
      table[256 + bytes[at + 14]!]! ^
      table[bytes[at + 15]!]!;
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
