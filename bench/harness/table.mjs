// A table of text: the first column to the left, the others to the right.

/**
 * @param {string[]} head
 * @param {{ text: string, paint?: (text: string) => string }[][]} rows
 */
export function table(head, rows, paintHead = (text) => text) {
  const widths = head.map((title, column) =>
    Math.max(width(title), ...rows.map((row) => width(row[column]?.text ?? ""))),
  );
  const pad = (text, column) => {
    const spaces = " ".repeat(widths[column] - width(text));
    return column === 0 ? text + spaces : spaces + text;
  };
  const lines = [head.map((title, column) => paintHead(pad(title, column))).join("  ")];
  for (const row of rows) {
    lines.push(row.map(({ text, paint = (same) => same }, column) => paint(pad(text, column))).join("  "));
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** Nothing here is wider than a column per code point. */
function width(text) {
  return [...text].length;
}
