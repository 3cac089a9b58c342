/** Figures as they stand in files: without a power of ten, a percent sign or a decimal comma. */
const PLAIN = /^[+-]?\d+(?:\.(\d*))?$/;
/** More places would only make a column wide. */
const MOST_PLACES = 6;

/** How many decimal places the figures of a column have at most; 0 where they need no filling to stand under one another. */
export function decimalPlaces(rows: readonly (readonly string[])[], column: number): number {
  let places = 0;
  for (const row of rows) places = Math.max(places, placesOf(row[column] ?? '') ?? 0);
  return places > MOST_PLACES ? 0 : places;
}

/**
 * What a figure lacks behind its last digit to have so many decimal places, such as `.00`. It is room, not digits: the file does not
 * say them.
 */
export function missingPlaces(cell: string, places: number): string {
  const own = placesOf(cell);
  if (own === null || own >= places) return '';
  const isWhole = !cell.includes('.');
  return (isWhole ? '.' : '') + '0'.repeat(places - own);
}

function placesOf(cell: string): number | null {
  const match = PLAIN.exec(cell.trim());
  return match && (match[1]?.length ?? 0);
}
