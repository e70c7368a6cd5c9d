/** What may be done with an output stream: colours only on a terminal that has them, and never with NO_COLOR. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

export type Color = "bold" | "green" | "yellow" | "red";
export type Paint = (color: Color, text: string) => string;

/** The streams of a process are these when they are terminals. */
export type Output = NodeJS.WriteStream & Partial<Pick<WriteStream, "hasColors" | "columns">>;

export function painter(stream: Output): Paint {
  // An empty NO_COLOR does not count; whatever else it says does.
  const isPlain = (process.env["NO_COLOR"] ?? "") !== "" || stream.isTTY !== true || stream.hasColors?.() !== true;
  return isPlain ? (_, text) => text : (color, text) => styleText(color, text, { validateStream: false });
}

/** Whether lines can be drawn over. */
export function canRedraw(stream: Output): boolean {
  return stream.isTTY === true && process.env["TERM"] !== "dumb";
}
