/** Bytes as people read them: 16 a row, the place in front, rows of zeros left out. */
export function hexDump(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  const rows: string[] = [];
  for (let at = from; at < to; at += 16) {
    const row = [...bytes.subarray(at, Math.min(at + 16, to))];
    if (row.every((byte) => byte === 0)) continue;
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`;
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(6, "0")}  ${halves.padEnd(48)}  |${text}|`);
  }
  return rows.join("\n");
}

/** The blocks of a document that are marked as dumps, in order. */
export function dumpsIn(document: string): string[] {
  return [...document.matchAll(/^```hexdump\n([\s\S]*?)\n```$/gm)].map((match) => match[1]!);
}
