import { expect, test } from "vitest";
import {
  ConfigError,
  DamagedFrameError,
  DamagedWalError,
  FlushTimeoutError,
  RecordTooLargeError,
  SinkOpenError,
  SpillwayError,
  UndurableError,
} from "../src/index.ts";

const ALL = [
  {
    error: new ConfigError(["level: expected a name"]),
    code: "ERR_SPILLWAY_CONFIG",
    retryable: false,
    name: "ConfigError",
  },
  {
    error: new RecordTooLargeError(9, 4),
    code: "ERR_SPILLWAY_RECORD_TOO_LARGE",
    retryable: false,
    name: "RecordTooLargeError",
  },
  {
    error: new FlushTimeoutError(["file"], 50),
    code: "ERR_SPILLWAY_FLUSH_TIMEOUT",
    retryable: true,
    name: "FlushTimeoutError",
  },
  {
    error: new DamagedFrameError("no frame", 32),
    code: "ERR_SPILLWAY_DAMAGED_FRAME",
    retryable: false,
    name: "DamagedFrameError",
  },
  {
    error: new SinkOpenError("file", "a.log", new Error("EACCES")),
    code: "ERR_SPILLWAY_SINK_OPEN",
    retryable: true,
    name: "SinkOpenError",
  },
  {
    error: new UndurableError("/var/log/app.wal", "ENOSPC", 3),
    code: "ERR_SPILLWAY_UNDURABLE",
    retryable: true,
    name: "UndurableError",
  },
  {
    error: new DamagedWalError("/var/log/app.wal", [], []),
    code: "ERR_SPILLWAY_DAMAGED_WAL",
    retryable: false,
    name: "DamagedWalError",
  },
];

test.each(ALL)(
  "errors: $name has a code, a name and says whether trying again helps",
  ({ error, code, retryable, name }) => {
    expect(error).toBeInstanceOf(SpillwayError);
    expect(error).toBeInstanceOf(Error);
    expect({ code: error.code, retryable: error.retryable, name: error.name }).toEqual({ code, retryable, name });
  },
);

test("errors: codes are different from each other", () => {
  expect(new Set(ALL.map(({ code }) => code)).size).toBe(ALL.length);
});

test("errors: the messages carry the values", () => {
  expect(new RecordTooLargeError(900, 400).message).toBe("record encodes to 900 bytes; this ring takes at most 400");
  expect(new DamagedFrameError("no frame", 32).message).toBe("no frame at position 32");
  expect(new FlushTimeoutError(["a", "b"], 50).message).toContain("a, b did not take everything within 50 ms");
});

test("errors: what could not be made durable is counted, with its path and the system's code", () => {
  const { message, path, errno, count } = new UndurableError("/var/log/app.wal", "ENOSPC", 3);
  expect({ path, errno, count }).toEqual({ path: "/var/log/app.wal", errno: "ENOSPC", count: 3 });
  expect(message).toBe("3 critical records could not be made durable in /var/log/app.wal: ENOSPC");
});

test("errors: a damaged log says where the first damage is", () => {
  const damage = [{ file: "app.wal.00000001", kind: "frame", from: 1024, to: 1056 }];
  expect(new DamagedWalError("app.wal", damage, [{ from: 1, to: 1 }]).message).toBe(
    "app.wal is damaged in 1 places, 1 stretches of frames are missing: frame in app.wal.00000001, bytes 1024 to 1056",
  );
});

test("errors: one problem of a configuration is the message, several are a list", () => {
  expect(new ConfigError(["level: expected a name"]).message).toBe("level: expected a name");
  expect(new ConfigError(["a", "b"]).message).toBe("2 problems:\n  a\n  b");
});

test("errors: a sink that cannot be opened keeps the cause, whatever was thrown", () => {
  const cause = new Error("EACCES: permission denied");
  expect(new SinkOpenError("audit", "/var/log/app.log", cause).cause).toBe(cause);
  expect(new SinkOpenError("audit", "/var/log/app.log", cause).message).toBe(
    "sink audit: /var/log/app.log: EACCES: permission denied",
  );
  expect(new SinkOpenError("audit", "x", null).message).toBe("sink audit: x: null");
});
