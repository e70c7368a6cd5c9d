/** The record of a line; of one that is no JSON, a form of the user's own, `{ line }`. */
export function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { line };
  }
}
