// Spillway whose ring is memory alone: what it holds is lost with the process.

import { create as createOurs } from "./ours.mjs";

export function create(options) {
  return createOurs({ ...options, crashSafety: false });
}
