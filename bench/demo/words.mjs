// Numbers as people read them.

export function count(n) {
  return Math.round(n).toLocaleString("en-US");
}

export function size(bytes) {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

export function duration(ns) {
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(1)} ms`;
  return `${(ns / 1e9).toFixed(1)} s`;
}

export function percent(part, whole) {
  if (whole === 0) return "0 %";
  const share = (100 * part) / whole;
  // 99.99 must not be shown as "100.0": that figure is for all of them.
  return part === whole ? "100 %" : `${(Math.floor(share * 10) / 10).toFixed(1)} %`;
}

/** Writes all of `text` to a descriptor, at once. A full pipe is waited for; a reader that went away is not. */
export function say(write, fd, text) {
  const bytes = Buffer.from(text);
  const patience = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(fd, bytes, at);
    } catch (error) {
      if (error.code === "EPIPE") return false;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(patience, 0, 0, 5);
    }
  }
  return true;
}
