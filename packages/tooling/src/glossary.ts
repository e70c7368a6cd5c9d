/**
 * Second words for things that have a word already. Only words that mean nothing else here are listed: a guard that
 * cries at honest names is switched off. The rest of the words: docs/contributing.md.
 */

interface SecondWord {
  /** A part of a name, as camel case and kebab case divide it, in lower case. */
  word: string;
  ours: string;
  /** Files in which the foreign word names the foreign thing. */
  exceptIn?: RegExp;
}

/** The doors and their peers speak their libraries' words: a winston transport is what winston calls it. */
const DOORS = /\/(pino|winston|doors)[/-]|\/(pino|winston)[^/]*\.ts$/;

export const SECOND_WORDS: readonly SecondWord[] = [
  { word: "appender", ours: "sink" },
  { word: "transport", ours: "sink", exceptIn: DOORS },
  { word: "mdc", ours: "bindings" },
  { word: "hwm", ours: "watermark, with a name that ends in -To" },
  { word: "incarnation", ours: "epoch" },
  { word: "journal", ours: "spill; wal for the synced file of critical records" },
  { word: "watchdog", ours: "heartbeat, supervise" },
  { word: "marshal", ours: "encode" },
  { word: "unmarshal", ours: "decode" },
  { word: "ringbuffer", ours: "ring" },
  { word: "backend", ours: "drain worker" },
];
