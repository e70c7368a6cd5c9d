export { type DictionaryDamage, DictionaryReader } from "./dictionary-reader.ts";
export { DictionaryWriter, type Quota } from "./dictionary-writer.ts";
export { Encoder, type FieldRules, NO_TEXT, type Stringify } from "./encode.ts";
export { PINO_LOOP_LENGTH } from "./encode-text.ts";
export { type ShapeNode, Shapes } from "./shapes.ts";
export { Target } from "./target.ts";
export { CONVERT_NONE, parseTemplate } from "./template.ts";
export { type KnownText, Texts } from "./texts.ts";
