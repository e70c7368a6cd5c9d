const KEY_METHOD = 1;
const KEY_HEADERS = 2;
const KEY_SOCKET = 4;
/** Flags of an object with `method`, `headers` and `socket`: pino takes it for an HTTP request. */
export const REQUEST_KEYS: number = KEY_METHOD | KEY_HEADERS | KEY_SOCKET;

/** Which of the keys of a request it is; 0: none. */
export function keyFlags(key: string): number {
  if (key === "method") return KEY_METHOD;
  if (key === "headers") return KEY_HEADERS;
  return key === "socket" ? KEY_SOCKET : 0;
}

/** Whether pino looks at the key to tell an HTTP request or response. */
export function isHttpKey(key: string): boolean {
  return key === "setHeader" || keyFlags(key) !== 0;
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

export function isHttpMessage(fields: Fields): boolean {
  return unlessHttp(fields, "", undefined) === HTTP_MESSAGE;
}
