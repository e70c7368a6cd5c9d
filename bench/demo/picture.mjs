// What the live summary looks like, from numbers alone. No clock, no terminal: those are the watcher's.
import { count, duration, percent, size } from "./words.mjs";

const BAR_WIDTH = 32;

/**
 * @typedef {object} Seen
 * @property {string} phase
 * @property {number} files @property {number} filesAll
 * @property {number} bytes @property {number} bytesAll
 * @property {number} records @property {number} linesInFile @property {number} bytesInFile
 * @property {number} errors @property {number} ringBytes
 * @property {number} medianNs @property {number} p99Ns
 * @property {number} elapsedMs @property {number} limitMs
 */

/** How far the job is, between 0 and 1, and how long it has still to run: it ends with the files or with the time. */
export function progress(seen) {
  const ofBytes = seen.bytesAll === 0 ? 0 : seen.bytes / seen.bytesAll;
  const ofTime = Math.min(1, seen.elapsedMs / seen.limitMs);
  const share = Math.min(1, Math.max(ofBytes, ofTime));
  const untilLimit = Math.max(0, seen.limitMs - seen.elapsedMs);
  const untilRead = ofBytes > 0 ? seen.elapsedMs / ofBytes - seen.elapsedMs : untilLimit;
  return { share, leftMs: Math.max(0, Math.min(untilLimit, untilRead)) };
}

/** The block that is redrawn in place: as many lines each time, none longer than the terminal is wide. */
export function block(seen, columns) {
  const { share, leftMs } = progress(seen);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const left = seen.phase === "working" ? `${Math.ceil(leftMs / 1000)} s left` : seen.phase;
  return [
    `  ${bar} ${String(Math.floor(share * 100)).padStart(3)} %   ${left}`,
    `  files     ${count(seen.files)} of ${count(seen.filesAll)}, ${size(seen.bytes)} of ${size(seen.bytesAll)}, ${count(seen.errors)} errors met`,
    `  records   ${count(seen.records)} logged, ${count(seen.linesInFile)} in the file (${size(seen.bytesInFile)})`,
    `  log call  median ${duration(seen.medianNs)}, p99 ${duration(seen.p99Ns)}`,
    `  ring      ${size(seen.ringBytes)} waiting`,
  ].map((line) => cut(line, columns - 1));
}

/** The same in one line, for a file, a pipe or a terminal without cursor movement. */
export function plainLine(seen) {
  const { share, leftMs } = progress(seen);
  const left = seen.phase === "working" ? `${Math.ceil(leftMs / 1000)} s left` : seen.phase;
  return [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    left,
    `${count(seen.files)} files`,
    size(seen.bytes),
    `${count(seen.records)} records logged`,
    `${percent(Math.min(seen.linesInFile, seen.records), seen.records)} in the file`,
    `call ${duration(seen.medianNs)} (p99 ${duration(seen.p99Ns)})`,
    `ring ${size(seen.ringBytes)}`,
  ].join(", ");
}

function cut(line, columns) {
  return line.length <= columns ? line : `${line.slice(0, Math.max(1, columns - 1))}…`;
}
