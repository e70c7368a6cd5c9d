// Colours for a terminal; none when it is not one, or when NO_COLOR asks for none.

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** @param {{ isTTY?: boolean }} stream */
export function coloursFor(stream) {
  const on = Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  const paint = (code) => (on ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => String(text));
  return Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, paint(code)]));
}
