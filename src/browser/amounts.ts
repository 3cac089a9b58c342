type InBytes = (count: number) => string;

let inBytes: InBytes = (count) => (count === 1 ? '1 byte' : `${count} bytes`);

/** The one unit that is a word is written in the language of the page, or of the moment. */
export function writeBytesBy(words: InBytes): void {
  inBytes = words;
}

/** Decimal units as in the file managers of most people: 904 kB, 1.8 MB, 38.2 GB. For the server and for the browser. */
export function formatBytes(count: number): string {
  const units = ['', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return inBytes(Math.round(count));
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${units[unit]}`;
}
