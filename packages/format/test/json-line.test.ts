import * as core from "@spillway/core";
import { expect, test } from "vitest";
import { CONFIG, MadeRecord } from "./made-record.ts";

/** The value of the only field, as it stands in the line. */
function written(put: (record: MadeRecord) => void): string {
  const record = new MadeRecord();
  record.dictionary.shapes[1] = ["v"];
  record.dictionary.texts[3] = 'a "text"';
  record.head({ shape: 1 });
  put(record);
  record.word(core.TAG_UNDEFINED);
  return /^\{"level":30,"time":7,"v":(.*)\}\n$/s.exec(record.line())![1]!;
}

test.each<[string, string, (record: MadeRecord) => void]>([
  ["null", "null", (r) => r.word(core.TAG_NULL)],
  ["false", "false", (r) => r.word(core.TAG_FALSE)],
  ["true", "true", (r) => r.word(core.TAG_TRUE)],
  ["small integers", "-8388608", (r) => r.word(core.TAG_INT24, -8_388_608)],
  ["integers", "-2147483648", (r) => r.word(core.TAG_INT32).number(-(2 ** 31))],
  ["floats", "0.1", (r) => r.word(core.TAG_FLOAT64).float(0.1)],
  ["texts of the dictionary", '"a \\"text\\""', (r) => r.word(core.TAG_TEXT, 3)],
  ["plain texts", '"abé"', (r) => r.word(core.TAG_PLAIN, 4).text("abé")],
  ["texts to be escaped", '"a\\nb"', (r) => r.word(core.TAG_ASCII, 3).text("a\nb")],
  ["UTF-8", '"\\"é😀"', (r) => r.word(core.TAG_UTF8, 7).text('"é😀')],
  ["JSON", "[1, 2]", (r) => r.word(core.TAG_JSON, 6).text("[1, 2]")],
  ["long texts to be escaped", '"a\\\\"', (r) => r.word(core.TAG_LONG_ASCII).number(2).text("a\\")],
  ["long UTF-8", '"é"', (r) => r.word(core.TAG_LONG_UTF8).number(2).text("é")],
  ["long JSON", "{}", (r) => r.word(core.TAG_LONG_JSON).number(2).text("{}")],
  ["empty lists", "[]", (r) => r.word(core.TAG_ARRAY, 0)],
  [
    "lists",
    "[1,[true]]",
    (r) => r.word(core.TAG_ARRAY, 2).word(core.TAG_INT24, 1).word(core.TAG_ARRAY, 1).word(core.TAG_TRUE),
  ],
  ["empty objects", "{}", (r) => r.word(core.TAG_OBJECT).number(0)],
  ["objects", '{"v":1}', (r) => r.word(core.TAG_OBJECT).number(1).word(core.TAG_INT24, 1)],
  [
    "objects with keys of their own",
    '{"v":1,"k":2}',
    (r) =>
      r
        .word(core.TAG_OBJECT)
        .number(1 | core.SHAPE_EXTRAS)
        .word(core.TAG_INT24, 1)
        .number(1)
        .word(core.TAG_PLAIN, 1)
        .text("k")
        .word(core.TAG_INT24, 2),
  ],
  [
    "objects with nothing but keys of their own",
    '{"k":2,"l":3}',
    (r) =>
      r
        .word(core.TAG_OBJECT)
        .number(core.SHAPE_EXTRAS)
        .number(2)
        .word(core.TAG_PLAIN, 1)
        .text("k")
        .word(core.TAG_INT24, 2)
        .word(core.TAG_PLAIN, 1)
        .text("l")
        .word(core.TAG_INT24, 3),
  ],
])("line: %s are written as %s", (_, expected, put) => {
  expect(written(put)).toBe(expected);
});

test("line: begins with level, time and bindings, and ends with the message", () => {
  const record = new MadeRecord();
  record.dictionary.texts[9] = ',"pid":1';
  record.head({ bindings: 9 }).word(core.TAG_PLAIN, 2).text("hi");
  expect(record.line()).toBe('{"level":30,"time":7,"pid":1,"msg":"hi"}\n');
  expect(record.line(1)).toBe('{"level":"error","time":7,"pid":1,"msg":"hi"}\n');
});

test("line: inline bindings stand where the others do", () => {
  const record = new MadeRecord();
  record.dictionary.shapes[1] = ["v"];
  record
    .head({ shape: 1 | core.BINDINGS_INLINE })
    .word(core.TAG_JSON, 6)
    .text(',"a":1')
    .word(core.TAG_NULL)
    .word(core.TAG_UNDEFINED);
  expect(record.line()).toBe('{"level":30,"time":7,"a":1,"v":null}\n');
});

test("line: appends, so that many lines become one batch", () => {
  const record = new MadeRecord();
  record.head().word(core.TAG_PLAIN, 1).text("m");
  record.lines.write(0, 0, record.length);
  record.lines.write(0, 1, record.length);
  expect(record.out.bytes.utf8Slice(0, record.out.at)).toBe(
    '{"level":30,"time":7,"msg":"m"}\n{"level":"error","time":7,"msg":"m"}\n',
  );
});

test("line: fields stand in the nested object where there is one, which is left out when it would be empty", () => {
  const record = new MadeRecord();
  record.dictionary.configs[1] = { ...CONFIG, nestedOpen: ',"data":{' };
  record.dictionary.shapes[1] = ["v", "w"];
  record.head({ config: 1, shape: 1 }).word(core.TAG_NULL).word(core.TAG_TRUE).word(core.TAG_UNDEFINED);
  expect(record.line()).toBe('{"level":30,"time":7,"data":{"v":null,"w":true}}\n');
  record.head({ config: 1 }).word(core.TAG_UNDEFINED);
  expect(record.line()).toBe('{"level":30,"time":7}\n');
});

test("line: a template is put together with its arguments", () => {
  const record = new MadeRecord();
  record.dictionary.texts[1] = "%s is %d: %j, %s";
  record.dictionary.texts[2] = "it";
  record.head().word(core.TAG_TEMPLATE, 1).number(4).word(core.TAG_TEXT, 2).word(core.TAG_FLOAT64).float(Number.NaN);
  record.word(core.TAG_ARRAY, 1).word(core.TAG_NULL).word(core.TAG_UNDEFINED);
  expect(record.line()).toBe('{"level":30,"time":7,"msg":"it is NaN: [null], undefined"}\n');
});

test("line: what was learned from a dictionary is forgotten when it begins anew", () => {
  const record = new MadeRecord();
  const { dictionary } = record;
  dictionary.shapes[1] = ["old"];
  dictionary.texts[1] = "old";
  dictionary.texts[2] = ',"bound":"old"';
  record.head({ shape: 1, bindings: 2 }).word(core.TAG_TEXT, 1).word(core.TAG_TEXT, 1);
  expect(record.line()).toBe('{"level":30,"time":7,"bound":"old","old":"old","msg":"old"}\n');
  dictionary.shapes[1] = ["new"];
  dictionary.texts[1] = "new";
  dictionary.texts[2] = ',"bound":"new"';
  expect(record.line()).toContain("old");
  dictionary.epoch++;
  expect(record.line()).toBe('{"level":30,"time":7,"bound":"new","new":"new","msg":"new"}\n');
});

test("line: a tag that is not known is damage", () => {
  for (const tag of [18, 99, 255, core.TAG_UNDEFINED, core.TAG_TEMPLATE]) {
    const record = new MadeRecord();
    record.dictionary.shapes[1] = ["v"];
    record.head({ shape: 1 }).word(tag);
    expect(() => record.line()).toThrow(core.DamagedFrameError);
  }
});

test("line: is the same in memory of its own, where a record too large for the ring is read", () => {
  const record = new MadeRecord();
  record.head().word(core.TAG_PLAIN, 2).text("hi");
  const own = Buffer.allocUnsafeSlow(64);
  record.bytes.copy(own, 0, 0, 64);
  const other = new MadeRecord();
  own.copy(other.bytes);
  expect(other.line(0, record.length)).toBe(record.line());
});
