import type { Values } from './sql-queue-store';

const NAME = /:([A-Za-z]\w*)/g;
/** Some statements are built for so many rows or groups; what is rare is not worth keeping. */
const MOST_KEPT = 1000;
const LONGEST_KEPT = 20_000;
const compiled = new Map<string, { text: string; names: string[] }>();

/** Turns `:name` into the `?` that mysql2 knows, and the named values into their list. Our SQL holds no colon for anything else. */
export function positional(statement: string, values: Values): [text: string, list: (string | number | null)[]] {
  let known = compiled.get(statement);
  if (!known) {
    const names = [...statement.matchAll(NAME)].map((match) => match[1] ?? '');
    known = { text: statement.replace(NAME, '?'), names };
    if (compiled.size < MOST_KEPT && statement.length <= LONGEST_KEPT) compiled.set(statement, known);
  }
  const list = known.names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The statement wants a value for :${name}`);
    return value;
  });
  return [known.text, list];
}
