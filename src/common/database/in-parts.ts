/** SQLite takes 32,766 values in one statement, MariaDB 65,535 where they are prepared. */
const MOST_AT_ONCE = 10_000;

/** Reads what belongs to many ids, so many at a time as one statement can take. Empty for none. */
export async function inParts<Id, Row>(ids: readonly Id[], read: (part: Id[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) rows.push(...(await read(ids.slice(from, from + MOST_AT_ONCE))));
  return rows;
}
