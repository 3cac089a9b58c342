const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A size for people: `1 byte`, `12 kB`, `3.4 GB`; powers of 1000. */
export function formatBytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return count === 1 ? '1 byte' : `${count} bytes`;
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${UNITS[unit]}`;
}
