// The work: every file is read, hashed, unpacked, checked, compressed and cut into chunks, and each step is logged.
//
// All of it is synchronous. From the first file to the last the event loop does not turn once, so nothing that
// needs a timer, a callback or a promise happens on this thread meanwhile.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { brotliCompressSync, constants, gunzipSync, gzipSync } from "node:zlib";
import { AT } from "./counters.mjs";
import { fingerprint } from "./fingerprint.mjs";

/** Larger files are read up to here, so that one file cannot take the whole run. */
const MOST_BYTES = 8 * 1024 * 1024;
const TEXT = new Set([
  ".txt",
  ".md",
  ".html",
  ".htm",
  ".rst",
  ".js",
  ".mjs",
  ".cjs",
  ".ts",
  ".json",
  ".c",
  ".h",
  ".css",
  ".xml",
  "",
]);
const RING_LOOK_MS = 25;

export class Job {
  #log;
  #meter;
  #counters;
  #ringBytes;
  #number = 0;
  #firstWithHash = new Map();
  #chunksSeen = new Set();
  #ringLookedAt = 0;
  #utf8 = new TextDecoder("utf-8", { fatal: true });
  #deepestRing = 0;

  constructor({ log, meter, counters, ringBytes }) {
    this.#log = log;
    this.#meter = meter;
    this.#counters = counters;
    this.#ringBytes = ringBytes;
  }

  /** @returns {{ ended: 'all read' | 'time' | 'signal', ms: number, records: number, deepestRing: number }} */
  run(files) {
    const startedAt = performance.now();
    const { numbers } = this.#counters;
    let ended = "all read";
    let folder;
    let log;
    for (const file of files) {
      if (this.#counters.stop !== "") ended = "signal";
      else if (Date.now() >= numbers[AT.deadlineAt]) ended = "time";
      if (ended !== "all read") break;
      if (file.folder !== folder) {
        folder = file.folder;
        log = this.#log.child({ folder });
      }
      this.#readOne(log, file);
      numbers[AT.files]++;
      numbers[AT.bytes] += file.bytes;
    }
    this.#record("info", this.#log, { files: numbers[AT.files], errors: numbers[AT.errors] }, "job ended");
    return {
      ended,
      ms: performance.now() - startedAt,
      records: this.#number,
      deepestRing: this.#deepestRing,
    };
  }

  #readOne(log, file) {
    const name = basename(file.name);
    if (file.error !== undefined) {
      this.#trouble("error", log, { err: file.error, name }, "not there to be read");
      return;
    }
    let bytes;
    try {
      bytes = readFileSync(file.path);
    } catch (err) {
      this.#trouble("error", log, { err, name }, "cannot be read");
      return;
    }
    this.#record("info", log, { name, bytes: bytes.length, type: extname(name) || "none" }, "opened");
    if (bytes.length > MOST_BYTES) {
      this.#record("warn", log, { name, bytes: bytes.length, read: MOST_BYTES }, "only the first part is looked at");
      bytes = bytes.subarray(0, MOST_BYTES);
    }
    this.#hash(log, name, file.name, bytes);
    const content = this.#unpack(log, name, bytes);
    this.#checkText(log, name, content);
    this.#compress(log, name, content);
    this.#cut(log, name, content);
  }

  #hash(log, name, path, bytes) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    this.#record("debug", log, { name, sha256 }, "hashed");
    const sameAs = this.#firstWithHash.get(sha256);
    if (sameAs === undefined) this.#firstWithHash.set(sha256, path);
    else this.#record("warn", log, { name, sameAs, wasted: bytes.length }, "a copy of another file");
  }

  #unpack(log, name, bytes) {
    if (!name.endsWith(".gz")) return bytes;
    try {
      const content = gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
      this.#record("debug", log, { name, packed: bytes.length, bytes: content.length }, "unpacked");
      return content;
    } catch (err) {
      this.#trouble("warn", log, { err, name }, "cannot be unpacked");
      return bytes;
    }
  }

  #checkText(log, name, content) {
    const inner = name.endsWith(".gz") ? name.slice(0, -3) : name;
    const type = extname(inner).toLowerCase();
    if (!TEXT.has(type) || content.length === 0) return;
    try {
      const text = this.#utf8.decode(content);
      if (type === ".json") JSON.parse(text);
      this.#record(
        "debug",
        log,
        { name, text: { characters: text.length, lines: countLines(content) } },
        "well-formed text",
      );
    } catch (err) {
      this.#trouble("warn", log, { err, name }, "not well-formed text");
    }
  }

  #compress(log, name, content) {
    if (content.length === 0) return;
    const startedAt = performance.now();
    const gzip = gzipSync(content).length;
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
    const ratio = Math.round((1000 * Math.min(gzip, brotli)) / content.length) / 1000;
    const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
    this.#record(
      "info",
      log,
      { compressed: { from: content.length, gzip, brotli }, ratio, ms },
      `compressed ${name} to ${Math.round(ratio * 100)} %`,
    );
    this.#lookAtRing();
  }

  #cut(log, name, content) {
    let known = 0;
    const found = fingerprint(content, (index, offset, length, hash) => {
      if (this.#chunksSeen.has(hash)) known++;
      else this.#chunksSeen.add(hash);
      this.#record("trace", log, { chunk: index, offset, length, hash }, "chunk");
    });
    this.#record(
      "info",
      log,
      { name, chunks: found.chunks, known, fingerprint: found.fingerprint },
      "fingerprint taken",
    );
    this.#lookAtRing();
  }

  #trouble(level, log, fields, message) {
    this.#counters.numbers[AT.errors]++;
    this.#record(level, log, fields, message);
  }

  /** One record. `n` is its running number, by which it is looked for in the file afterwards. */
  #record(level, log, fields, message) {
    fields.n = ++this.#number;
    const startedAt = this.#meter.before();
    log[level](fields, message);
    this.#meter.after(startedAt);
  }

  #lookAtRing() {
    const now = performance.now();
    if (now - this.#ringLookedAt < RING_LOOK_MS) return;
    this.#ringLookedAt = now;
    const bytes = this.#ringBytes();
    this.#counters.numbers[AT.ringBytes] = bytes;
    if (bytes > this.#deepestRing) this.#deepestRing = bytes;
  }
}

function countLines(bytes) {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
