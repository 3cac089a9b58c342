/** When a line was written by its groups `year`, `month`, `day`, `hour`, `minute`, `second`, to be compared with another of the same program; null without a day and an hour. */
export function logTime(groups: Record<string, string>): number | null {
  const number = (name: string, otherwise: number) => (groups[name] === undefined ? otherwise : Number(groups[name]));
  if (groups['hour'] === undefined) return null;
  // Where no day is told it is the same one. Years of two digits are those of this century.
  const year = number('year', 2000);
  const ms = Date.UTC(
    year < 100 ? 2000 + year : year,
    number('month', 1) - 1,
    number('day', 1),
    number('hour', 0),
    number('minute', 0),
    number('second', 0),
  );
  return Number.isFinite(ms) ? ms : null;
}
