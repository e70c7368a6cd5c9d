/** Objects that pino takes for an HTTP request or response, and near misses. */

import type { Choices } from "./choices.ts";
import { drawNumber, drawObject, put } from "./plain-values.ts";
import type { Surroundings } from "./surroundings.ts";
import { drawText } from "./texts.ts";

export function drawRequest(choices: Choices, around: Surroundings): object {
  const request = {};
  return around.inside(request, () => {
    put(request, "method", choices.pick<unknown>(["GET", "POST", 7, ""]));
    put(request, "url", choices.pick<unknown>(["/", "/a?b=c", undefined, { path: "/from/url" }]));
    put(request, "headers", choices.pick<unknown>([{ host: "example.org", authorization: "Bearer abc" }, {}, "text"]));
    put(request, "socket", choices.pick<unknown>([{ remoteAddress: "127.0.0.1", remotePort: 4711 }, {}, true]));
    if (choices.chance(30)) put(request, "id", choices.pick<unknown>([7, "r-1", () => "from function", null]));
    if (choices.chance(20)) put(request, "originalUrl", "/original");
    if (choices.chance(20)) put(request, "path", choices.pick<unknown>(["/path", 5]));
    if (choices.chance(20)) put(request, "query", drawObject(choices, around));
    if (choices.chance(20)) put(request, "params", around.value(choices));
    if (choices.chance(15)) put(request, "info", { id: "hapi", remoteAddress: "::1", remotePort: drawNumber(choices) });
    if (choices.chance(15)) put(request, "raw", { inner: drawText(choices) });
    if (choices.chance(15)) put(request, "extra", around.value(choices));
  });
}

export function drawResponse(choices: Choices, around: Surroundings): object {
  const response = {};
  return around.inside(response, () => {
    put(response, "setHeader", choices.chance(90) ? (): void => {} : "no function");
    put(response, "statusCode", choices.pick<unknown>([200, 500, "404", undefined]));
    put(response, "headersSent", choices.chance(70));
    if (choices.chance(60)) put(response, "getHeaders", () => ({ "content-type": "text/plain", "x-count": 2 }));
    else put(response, "_headers", around.value(choices));
    if (choices.chance(20)) put(response, "raw", { statusCode: 1 });
  });
}
