export { JsonBytes } from "./json-bytes.ts";
export { JsonLines } from "./json-line.ts";
export { templateText } from "./template-text.ts";
