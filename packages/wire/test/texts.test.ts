import { expect, test } from "vitest";
import { expectedLine } from "./expected-line.ts";
import { WireUnderTest } from "./wire-under-test.ts";

/** Bytes a record takes that has nothing but this message. */
function bytesOf(wire: WireUnderTest, message: string): number {
  wire.encode({ message });
  return wire.length;
}

test("texts: a message is a number from the time on that it was seen twice", () => {
  const wire = new WireUnderTest();
  const lengths = Array.from({ length: 3 }, () => bytesOf(wire, "the server has started"));
  expect(lengths[0]).toBe(20 + 4 + 24);
  expect(lengths[2]).toBe(20 + 4);
});

test("texts: built messages do not fill the dictionary", () => {
  const wire = new WireUnderTest();
  const before = wire.dictionary.usedBytes;
  for (let i = 0; i < 20_000; i++) wire.encode({ message: `request ${i} done in ${i * 7} ms` });
  expect(wire.dictionary.usedBytes).toBe(before);
});

test("texts: long ones, empty ones and those with half a pair are written out every time", () => {
  const wire = new WireUnderTest();
  const before = wire.dictionary.usedBytes;
  for (const message of ["", "x".repeat(257), "half \ud800"]) {
    for (let i = 0; i < 4; i++) expect(wire.line({ message })).toBe(expectedLine({ message }));
  }
  expect(wire.dictionary.usedBytes).toBe(before);
});

test("texts: thousands of constant messages are told apart", () => {
  const wire = new WireUnderTest();
  const messages = Array.from({ length: 3000 }, (_, i) => `message number ${i % 7} ${i} of many`);
  for (let round = 0; round < 3; round++) {
    for (const message of messages) {
      const line = wire.line({ message });
      if (line !== expectedLine({ message })) expect(line).toBe(expectedLine({ message }));
    }
  }
});

test("texts: the same text is interned once, whoever asks", () => {
  const wire = new WireUnderTest();
  const id = wire.texts.intern(',"pid":1');
  expect(wire.texts.intern(',"pid":1')).toBe(id);
  expect(wire.reader.text(id)).toBe(',"pid":1');
});

test("texts: bindings read the same by number and inline", () => {
  const wire = new WireUnderTest();
  const bindings = ',"pid":1,"host":"é"';
  const inline = wire.line({ bindings, message: "m" });
  expect(inline).toBe(expectedLine({ bindings, message: "m" }));
  expect(wire.line({ bindings, internBindings: true, message: "m" })).toBe(inline);
});
