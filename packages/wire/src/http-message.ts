/** The keys by which pino tells that an object is an HTTP request or response. */
export function isHttpKey(key: string): boolean {
  return key === "method" || key === "setHeader" || key === "headers" || key === "socket";
}

export const HTTP_MESSAGE: unique symbol = Symbol("HTTP request or response");

type Fields = Record<string, unknown>;

/**
 * Asks as pino does, before it writes anything, whether the object is an HTTP request or response: HTTP_MESSAGE, or the
 * value to be written for `key`. That one was read already and answered `value`; here as there a getter is read once for
 * the question and once for the line.
 */
export function unlessHttp(fields: Fields, key: string, value: unknown): unknown {
  const method = key === "method" ? value : fields["method"];
  const headers = method && (key === "headers" ? value : fields["headers"]);
  const socket = headers && (key === "socket" ? value : fields["socket"]);
  if (socket) return HTTP_MESSAGE;
  const setHeader = key === "setHeader" ? value : fields["setHeader"];
  if (typeof setHeader === "function") return HTTP_MESSAGE;
  const wasAsked =
    key === "method" || key === "setHeader" || (key === "headers" && method) || (key === "socket" && headers);
  return wasAsked ? fields[key] : value;
}
