/**
 * What a conversion of a printf template does with its argument. The order of arguments is the order of conversions.
 * CONVERT_NONE is an unknown letter: it stays as it is, and yet uses an argument up, as pino's formatter has it.
 */
export const CONVERT_NONE = 0;
const CONVERT_STRING = 1;
const CONVERT_NUMBER = 2;
const CONVERT_INTEGER = 3;
export const CONVERT_JSON = 4;

/** The conversions of a template, in order. `%%` takes no argument and is left out. */
export function parseTemplate(template: string): Uint8Array {
  const found: number[] = [];
  for (let i = template.indexOf("%"); i !== -1 && i + 1 < template.length; i = template.indexOf("%", i + 2)) {
    switch (template[i + 1]) {
      case "s":
        found.push(CONVERT_STRING);
        break;
      case "d":
      case "f":
        found.push(CONVERT_NUMBER);
        break;
      case "i":
        found.push(CONVERT_INTEGER);
        break;
      case "o":
      case "O":
      case "j":
        found.push(CONVERT_JSON);
        break;
      case "%":
        break;
      default:
        found.push(CONVERT_NONE);
    }
  }
  return Uint8Array.from(found);
}
