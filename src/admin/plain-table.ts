/** Rows as columns of plain text, two spaces apart; the last column is as long as it is. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** "14:05" today, "2026-11-22 14:05" on other days, in the time zone of the shell. */
export function clockTime(atMs: number, nowMs: number): string {
  const [day, time] = parts(atMs);
  return day === parts(nowMs)[0] ? time : `${day} ${time}`;
}

/** "3 s", "12 min", "5 h", "9 d": the largest unit, rounded down. */
export function timeSince(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function parts(atMs: number): [day: string, time: string] {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return [`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`, `${two(at.getHours())}:${two(at.getMinutes())}`];
}
