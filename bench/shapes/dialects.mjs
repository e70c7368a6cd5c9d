// How a log call is spelled. A shape says what is logged; the dialect only orders it, so that every contender
// evaluates the very same expressions.

/** @type {Record<string, (shape: import("./shapes.mjs").Shape) => string>} */
export const dialects = {
  /** `log.info(fields, message, ...args)` */
  pino: ({ level = "info", fields, message, args = [] }) => spell(level, [fields, message, ...args]),
  /** `log.info(message, ...args, fields)` */
  winston: ({ level = "info", fields, message, args = [] }) => spell(level, [message, ...args, fields]),
};

function spell(level, parts) {
  return `log.${level}(${parts.filter((part) => part !== undefined).join(", ")})`;
}
