const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s?%?$/i;
const NUMBER_WITH_COMMA = /^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?\s?%?$/i;
/** Some spreadsheets take semicolons and tabs for separators as well: behind one of them a formula could begin. */
const SPECIAL = /[",;\t\r\n]/;

/**
 * A cell of a CSV file that a spreadsheet may open: what would be taken for a formula begins with an apostrophe, unless it is a plain
 * number.
 */
export function csvCell(text: string, withCommas = false): string {
  const isFormula = FORMULA.test(text) && !(withCommas ? NUMBER_WITH_COMMA : NUMBER).test(text);
  const safe = isFormula ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
