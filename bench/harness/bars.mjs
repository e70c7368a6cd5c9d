// Bar plots of text.

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const WIDTH = 30;

/** @param {number} value  @param {number} most  the value of a full bar */
export function bar(value, most) {
  if (!(value > 0) || !(most > 0)) return "";
  const eighths = Math.max(1, Math.round((WIDTH * 8 * value) / most));
  return "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}
